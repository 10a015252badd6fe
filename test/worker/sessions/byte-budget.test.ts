import { expect, test } from 'vitest';
import { ByteBudget, createMediaBudget } from '../../../worker/sessions/byte-budget.ts';

const PATIENT = { waitMs: 60_000 };
const open = (rest: Partial<ConstructorParameters<typeof ByteBudget>[0]> = {}) =>
  new ByteBudget({ totalBytes: 100, shareBytes: 60, mostWaiting: 10, ...rest });
const BUSY = { code: 'WORKER_BUSY', retryAfterS: 5 };

test('never more than the whole is held, and all that was asked for is granted in time', async () => {
  const budget = open();
  let most = 0;
  const work = async (n: number) => {
    const room = await budget.reserve(`session-${n % 7}`, 10 + (n % 4) * 10, PATIENT);
    most = Math.max(most, budget.heldBytes);
    await new Promise(setImmediate);
    room.release();
  };
  await Promise.all(Array.from({ length: 10 }, (_, n) => work(n)));
  expect(most).toBeLessThanOrEqual(100);
  expect(most).toBeGreaterThan(40);
  expect(budget.heldBytes).toBe(0);
});

test('a session that has used up its share waits, and nobody behind it does', async () => {
  const budget = open();
  const first = await budget.reserve('greedy', 60, PATIENT);
  const second = budget.reserve('greedy', 10, PATIENT);
  await budget.reserve('modest', 40, PATIENT);
  expect(budget.waiting).toBe(1);
  first.release();
  await second;
  expect(budget.heldBytes).toBe(50);
});

test('who waits for the whole is not overtaken by smaller ones', async () => {
  const budget = open();
  const held = await budget.reserve('a', 60, PATIENT);
  const order: string[] = [];
  const large = budget.reserve('b', 60, PATIENT).then((room) => {
    order.push('large');
    return room;
  });
  const small = budget.reserve('c', 10, PATIENT).then(() => order.push('small'));
  expect(budget.waiting).toBe(2);
  held.release();
  await Promise.all([large, small]);
  expect(order).toEqual(['large', 'small']);
});

test('waiting ends with 503 and a time to come back, and makes way for those behind', async () => {
  const budget = open();
  const held = await budget.reserve('a', 60, PATIENT);
  const late = budget.reserve('b', 60, { waitMs: 1 });
  const behind = budget.reserve('c', 40, PATIENT);
  await expect(late).rejects.toMatchObject(BUSY);
  await behind;
  held.release();
  held.release();
  expect(budget.heldBytes).toBe(40);
});

test('so many wait and no more', async () => {
  const budget = open({ mostWaiting: 1 });
  const held = await budget.reserve('a', 60, PATIENT);
  const waiting = budget.reserve('b', 60, PATIENT);
  await expect(budget.reserve('c', 60, PATIENT)).rejects.toMatchObject(BUSY);
  held.release();
  await waiting;
});

test('a wait that is called off leaves nothing behind', async () => {
  const budget = open();
  const held = await budget.reserve('a', 60, PATIENT);
  const controller = new AbortController();
  const waiting = budget.reserve('b', 60, { ...PATIENT, signal: controller.signal });
  controller.abort(new Error('the session moves'));
  await expect(waiting).rejects.toThrow('the session moves');
  expect(budget.waiting).toBe(0);
  held.release();
  expect(budget.heldBytes).toBe(0);
});

test('more than a share counts as a whole share, so that it can be granted at all', async () => {
  const budget = open();
  await budget.reserve('a', 1_000, PATIENT);
  expect(budget.heldBytes).toBe(60);
});

test.each([
  ['a small container', 256, 64],
  ['a container of 1 GiB', 1_024, 256],
  ['a large host', 65_536, 512],
])('%s has a budget of its memory', (_, memoryMib, budgetMib) => {
  expect(createMediaBudget(memoryMib * 2 ** 20).totalBytes).toBe(budgetMib * 2 ** 20);
});
