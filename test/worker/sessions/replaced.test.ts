import { afterEach, expect, test } from 'vitest';
import type { Assignment } from '../../../shared/workers/schema.ts';
import {
  type Bench,
  type BenchWorker,
  PHONE,
  SESSION,
  startLinked,
} from '../../../testing/worker/start-bench.ts';
import type { Released } from '../../../worker/sessions/registry/registry-deps.ts';

let bench: Bench;
let worker: BenchWorker;
let mark: number;
let told: Released[];
afterEach(() => bench.close());

const order = (fields: Partial<Assignment> = {}): Assignment => ({
  sessionId: SESSION,
  userId: 'user-1',
  epoch: 1,
  rev: 1,
  desired: 'connected',
  ...fields,
});
const TAKE_BACK = { firstMs: 1, longestMs: 5, stableMs: 600_000, most: 3 };

async function linked(askOrder?: () => Promise<Assignment>): Promise<void> {
  told = [];
  ({ bench, worker } = await startLinked({
    settings: { takeBack: TAKE_BACK },
    tellReleased: async (released) => void told.push(released),
    ...(askOrder && { askOrder }),
  }));
  mark = worker.sink.reports.length;
}
const throwOut = () => bench.sandbox.addFault({ kind: 'conflict', account: PHONE });
const logins = async () => (await bench.sandbox.counters())[PHONE]?.logins;

test('the session’s owner comes back after another login has taken over', async () => {
  await linked(async () => order());
  await throwOut();
  expect(await worker.sink.status('reconnecting', mark)).toMatchObject({ errorCode: 'REPLACED' });
  await worker.sink.status('connected', mark);
});

test('a session that is another’s by now is let go of, and does not log in again', async () => {
  const asked = Promise.withResolvers<void>();
  await linked(async () => {
    asked.resolve();
    return order({ epoch: 2, rev: 3, desired: 'released' });
  });
  const before = await logins();
  await throwOut();
  await asked.promise;
  await expect.poll(() => told).toMatchObject([{ sessionId: SESSION, epoch: 2, rev: 3 }]);
  expect(worker.registry.list()).toEqual([]);
  expect(await logins()).toBe(before);
  expect(worker.sink.of('session-status').map(({ status }) => status)).not.toContain('disconnected');
});

test('while nobody says whose it is, the session is asked about again, and does not log in', async () => {
  let answers = 0;
  let loginsWhenTold: number | undefined;
  await linked(async () => {
    answers += 1;
    if (answers < 3) throw new TypeError('fetch failed');
    loginsWhenTold = await logins();
    return order();
  });
  const before = await logins();
  await throwOut();
  await worker.sink.status('connected', mark);
  expect(answers).toBe(3);
  expect(loginsWhenTold).toBe(before);
});

test('after so many times in a row the session stays down, says why, and comes back when its tenant asks', async () => {
  await linked(async () => order());
  for (let round = 0; round < TAKE_BACK.most; round += 1) {
    const from = worker.sink.reports.length;
    await throwOut();
    await worker.sink.status('connected', from);
  }
  await throwOut();
  expect(await worker.sink.status('disconnected', mark)).toMatchObject({ errorCode: 'REPLACED_ELSEWHERE' });
  const before = await logins();
  expect(await worker.registry.converge([order()])).toMatchObject([{ status: 'skipped' }]);
  expect(await logins()).toBe(before);
  const from = worker.sink.reports.length;
  await worker.registry.connect(SESSION, { epoch: 1, rev: 2 });
  await worker.sink.status('connected', from);
});

test('with no control plane every session is its worker’s own', async () => {
  await linked();
  await throwOut();
  await worker.sink.status('connected', mark);
});
