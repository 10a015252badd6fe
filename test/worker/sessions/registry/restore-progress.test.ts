import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { Assignment } from '../../../../shared/workers/schema.ts';
import { type ConvergeDeps, converge, trackRestore } from '../../../../worker/sessions/registry/converge.ts';
import type { Session } from '../../../../worker/sessions/session.ts';

let lines: { msg: string; done: number; total: number; failed: number }[];
let log: pino.Logger;
beforeEach(() => {
  lines = [];
  log = pino({ base: null, timestamp: false }, { write: (line: string) => lines.push(JSON.parse(line)) });
});
const told = () => lines.filter(({ msg }) => msg === 'restoring sessions');

test('restoring many sessions says at each tenth how far it is, and how many failed', () => {
  const restored = trackRestore(25, log);
  for (let index = 0; index < 25; index += 1) restored(index === 4 ? 'failed' : 'recovered');
  expect(told().map(({ done, total, failed }) => [done, total, failed])).toEqual([
    [3, 25, 0],
    ...[5, 8, 10, 13, 15, 18, 20, 23, 25].map((done) => [done, 25, 1]),
  ]);
});

test('restoring a few says nothing on the way', () => {
  const restored = trackRestore(9, log);
  for (let index = 0; index < 9; index += 1) restored('recovered');
  expect(lines).toEqual([]);
});

const assignment = (index: number, desired: Assignment['desired']): Assignment => ({
  sessionId: `ada-${index}`,
  userId: 'ada',
  epoch: 1,
  rev: 1,
  desired,
});
/** A worker that holds nothing, and whose storage gives nothing. */
const deps = (): ConvergeDeps => ({
  concurrency: 3,
  log,
  stopped: () => false,
  held: () => undefined,
  gone: () => undefined,
  open: () => {
    throw new AppError('STORAGE_UNAVAILABLE', 'The bucket does not answer.');
  },
  release: async () => {},
  logout: async () => {},
  heed: () => undefined,
  tellReleased: () => undefined,
  wait: async () => undefined,
  random: () => 0,
  remove: async () => {},
});

test('of what the control plane assigns, sessions to restore are counted, and nothing else', async () => {
  const assignments = Array.from({ length: 20 }, (_, index) =>
    assignment(index, index % 2 === 0 ? 'connected' : 'disconnected'),
  );
  await converge(assignments, deps());
  expect(told().map(({ done, total, failed }) => [done, total, failed])).toEqual(
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((done) => [done, 10, done]),
  );
});

test('sessions that get nowhere delay nobody: the others begin once their places are given up', async () => {
  const dead = Promise.withResolvers<never>();
  const began: string[] = [];
  const healthy = Promise.withResolvers<void>();
  const session = (sessionId: string) => ({
    raiseAuthFloor: () => undefined,
    configure: () => undefined,
    connect: () => {
      began.push(sessionId);
      return sessionId === 'ada-16' ? Promise.resolve() : dead.promise;
    },
    settle: async () => {
      healthy.resolve();
      return { status: 'connected' };
    },
  });
  const assignments = Array.from({ length: 17 }, (_, index) => assignment(index, 'connected'));
  const places: (() => void)[] = [];
  const run = converge(assignments, {
    ...deps(),
    open: ({ sessionId }) => session(sessionId) as unknown as Session,
    // Between 0 and the longest jitter nobody waits here; a place is kept until the test takes it away.
    wait: (ms) => (ms === 0 ? Promise.resolve() : new Promise((resolve) => void places.push(resolve))),
  });
  await expect.poll(() => began.length).toBe(3);
  for (let taken = 0; taken < 14; taken += 1) {
    await expect.poll(() => places.length).toBeGreaterThan(taken);
    places[taken]?.();
  }
  await healthy.promise;
  expect(began).toHaveLength(17);
  dead.reject(new AppError('WORKER_TIMEOUT', 'The proxy does not answer.'));
  const results = await run;
  expect(results.map(({ status }) => status)).toEqual([...Array(16).fill('failed'), 'recovered']);
});
