import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { Assignment } from '../../../shared/workers/schema.ts';
import { ConvergeQueue } from '../../../worker/control-plane/converge-queue.ts';
import { assignment } from './membership-fixture.ts';

it('works on one answer at a time and then on the newest only', async () => {
  const seen: string[][] = [];
  const gate = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const registry = {
    converge: async (assignments: readonly Assignment[]) => {
      seen.push(assignments.map(({ sessionId }) => sessionId));
      if (seen.length === 1) await gate.promise;
      return [];
    },
  };
  const queue = new ConvergeQueue(registry, pino({ level: 'silent' }));
  queue.offer([assignment('first')]);
  queue.offer([assignment('overtaken')]);
  queue.offer([assignment('newest')], () => done.resolve());
  gate.resolve();
  await done.promise;
  expect(seen).toEqual([['first'], ['newest']]);
});

it('goes on after a failure', async () => {
  let rounds = 0;
  const registry = {
    converge: async () => {
      rounds += 1;
      if (rounds === 1) throw new Error('storage is away');
      return [];
    },
  };
  const queue = new ConvergeQueue(registry, pino({ level: 'silent' }));
  const done = Promise.withResolvers<void>();
  queue.offer([assignment('one')]);
  queue.offer([assignment('two')], () => done.resolve());
  await done.promise;
  expect(rounds).toBe(2);
});
