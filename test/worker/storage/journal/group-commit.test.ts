import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Batches } from '../../../../worker/storage/journal/group-commit.ts';

const event = fc.constantFrom(
  'bind' as const,
  'bind-flying' as const,
  'write' as const,
  'wait' as const,
  'look-on' as const,
);

test('whoever waits for a batch goes on when it, or a later one, has landed, and not before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 60 }), async (events) => {
      const batches = new Batches();
      const waiting: { batch: number; released: Promise<void> }[] = [];
      const early: number[] = [];
      const follow = (batch: number, released: Promise<void>) => {
        waiting.push({ batch, released });
        void released.then(() => {
          if (!batches.isDurable(batch)) early.push(batch);
        });
      };
      for (const next of events) {
        if (next === 'wait') follow(batches.filling, batches.wait(batches.filling));
        else if (next === 'look-on') follow(batches.filling, batches.lookOn(batches.filling));
        else if (next === 'write') {
          const batch = batches.depart();
          expect(batches.isDurable(batch)).toBe(false);
          batches.land(batch);
          batches.release(batch);
          const released = waiting.filter((waiter) => waiter.batch <= batch);
          await Promise.all(released.map((waiter) => waiter.released));
        }
      }
      expect(early).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('frames wait for the latest batch that was bound, for none that is still to be filled, and never for an older one', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const batches = new Batches();
      let before = batches.binding;
      for (const next of events) {
        if (next === 'bind') batches.bind();
        else if (next === 'bind-flying') batches.bindFlying();
        else if (next === 'write') batches.land(batches.depart());
        expect(batches.binding).toBeGreaterThanOrEqual(before);
        expect(batches.binding).toBeLessThanOrEqual(batches.filling);
        if (next === 'bind') expect(batches.binding).toBe(batches.filling);
        if (next === 'bind-flying') expect(batches.binding).toBeGreaterThanOrEqual(batches.filling - 1);
        before = batches.binding;
      }
    }),
    { numRuns: 60 },
  );
});

test('frames wait for nothing that was dropped', () => {
  const batches = new Batches();
  batches.land(batches.depart());
  batches.bind();
  batches.unbind();
  expect(batches.isDurable(batches.binding)).toBe(true);
});

test('where nothing lands any more, everybody who waits is told why', async () => {
  const batches = new Batches();
  const waiting = [batches.wait(1), batches.lookOn(1), batches.wait(7)];
  const told = Promise.allSettled(waiting);
  const reason = new Error('closed');
  batches.reject(reason);
  expect(await told).toEqual(waiting.map(() => ({ status: 'rejected', reason })));
  expect(batches.isAwaited).toBe(false);
});

test('nothing is written for those who only look on', () => {
  const batches = new Batches();
  void batches.lookOn(1);
  expect(batches.isAwaited).toBe(false);
  void batches.wait(1);
  expect(batches.isAwaited).toBe(true);
});
