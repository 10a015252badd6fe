import { afterEach, beforeEach, expect, test } from 'vitest';
import type { WorkerSettings } from '../../../shared/sessions/settings.ts';
import {
  type Bench,
  FRIEND,
  FRIEND_JID,
  link,
  PHONE,
  SESSION,
  startBench,
} from '../../../testing/worker/start-bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const owner = { sessionId: SESSION, userId: 'user-1', epoch: 1, rev: 1 };
const paced = (rev: number, perMinute: number): WorkerSettings => ({
  rev,
  pacing: { perMinute },
  proxy: null,
  history: true,
});
const text = (message: string) => ({ to: FRIEND_JID, type: 'text' as const, message });

test('the pace holds for a live session from the moment it is set, and a refused message does not arrive', async () => {
  const worker = bench.startWorker();
  await link(bench, worker);
  await worker.registry.configure(SESSION, 1, paced(1, 2));
  await worker.registry.send(SESSION, text('one'));
  await worker.registry.send(SESSION, text('two'));
  await expect(worker.registry.send(SESSION, text('three'))).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    retryAfterS: expect.any(Number),
  });
  // Level-triggered: the same comes with an assignment.
  const wider = paced(2, 3);
  await worker.registry.converge([{ ...owner, desired: 'connected', settings: wider }]);
  await worker.registry.send(SESSION, text('four'));
  const { messages } = await bench.sandbox.inbox(FRIEND, { from: PHONE, count: 3, waitMs: 60_000 });
  expect(messages.map(({ text: body }) => body)).toEqual(['one', 'two', 'four']);
});

test('a session that is restored in another worker does not begin with a burst', async () => {
  const first = bench.startWorker();
  await link(bench, first);
  await first.close();
  const second = bench.startWorker();
  await second.registry.start({ ...owner, epoch: 2, settings: paced(1, 1) });
  await second.sink.status('connected');
  await expect(second.registry.send(SESSION, text('at once'))).rejects.toMatchObject({
    code: 'RATE_LIMITED',
  });
});

test('“typing…” is shown before a message that asks for it; its session’s setting counts for those that do not say', async () => {
  const worker = bench.startWorker();
  await link(bench, worker);
  const chats = await worker.registry.conversations(SESSION);
  let after = 0;
  /** “paused” leaves after the message: whatever was shown before that has been seen by then. */
  const shownBefore = async (typing?: boolean) => {
    await worker.registry.send(SESSION, { ...text('hi'), ...(typing === undefined ? {} : { typing }) });
    await chats.presence({ presence: 'paused', to: FRIEND_JID });
    const seen: string[] = [];
    while (seen.at(-1) !== 'paused') {
      const { presences } = await bench.sandbox.presences(FRIEND, {
        after,
        count: 1,
        waitMs: 20_000,
      });
      expect(presences).not.toHaveLength(0);
      seen.push(...presences.map(({ presence }) => presence));
      after = presences.at(-1)?.seq ?? after;
    }
    return seen;
  };
  expect(await shownBefore()).toEqual(['paused']);
  expect(await shownBefore(true)).toEqual(['typing', 'paused']);
  await worker.registry.configure(SESSION, 1, { ...paced(1, 60), pacing: { perMinute: 60, typing: true } });
  expect(await shownBefore()).toEqual(['typing', 'paused']);
  expect(await shownBefore(false)).toEqual(['paused']);
});
