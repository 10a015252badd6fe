import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type Bench,
  FRIEND_JID,
  link,
  PHONE,
  SESSION,
  startBench,
  takeOver,
} from '../../../../testing/worker/start-bench.ts';
import { epochOfKey } from '../../../../worker/storage/journal/journal-keys.ts';
import { openAuth } from '../../../../worker/whatsapp/state/open-auth.ts';

const log = pino({ level: 'silent' });
let bench: Bench;

beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const text = (messageId: string) => ({ to: FRIEND_JID, type: 'text', message: 'Hello', messageId }) as const;
const accepted = async () => (await bench.sandbox.counters())[PHONE]?.messagesAccepted ?? 0;

test('a frame that waits for storage while the lease ends never leaves: only the next owner sends it', async () => {
  const id = '3EB0AAAABBBBCCCCDDDD41';
  const journaled = Promise.withResolvers<void>();
  let isJournaled = false;
  const written = Promise.withResolvers<void>();
  const worker = bench.startWorker({
    openAuth: async (options) => {
      const auth = await openAuth(options);
      const { add } = auth.outgoing;
      auth.outgoing.add = (...args) => {
        add(...args);
        isJournaled = true;
        journaled.resolve();
      };
      return auth;
    },
  });
  await link(bench, worker);
  const before = await accepted();
  const { store } = bench;
  const put = store.put.bind(store);
  const goOn = Promise.withResolvers<void>();
  let writes = 0;
  store.put = async (key, body) => {
    if (!isJournaled || epochOfKey(key) !== 1) return await put(key, body);
    await goOn.promise;
    // The first write carries the message; whatever the old owner wants to write after it never arrives.
    writes += 1;
    if (writes > 1) return await new Promise<never>(() => undefined);
    await put(key, body);
    written.resolve();
  };
  worker.registry.send(SESSION, text(id)).catch(() => undefined);
  await journaled.promise;
  worker.lease.held = false;
  goOn.resolve();
  await written.promise;
  const next = await takeOver(bench, 2);
  await next.sink.messageStatus(id, 'sent');
  expect((await accepted()) - before).toBe(1);
});

test('a worker without its lease refuses to send, and says that the session is moving', async () => {
  const worker = bench.startWorker();
  await link(bench, worker);
  const before = await accepted();
  worker.lease.held = false;
  await expect(worker.registry.send(SESSION, text('3EB0AAAABBBBCCCCDDDD42'))).rejects.toMatchObject({
    code: 'SESSION_MOVING',
  });
  expect(await accepted()).toBe(before);
});

test('what WhatsApp has acknowledged is settled: an orderly end leaves the next owner nothing to send', async () => {
  const worker = bench.startWorker();
  await link(bench, worker);
  for (const id of ['3EB0AAAABBBBCCCCDDDD43', '3EB0AAAABBBBCCCCDDDD44'])
    expect(await worker.registry.send(SESSION, text(id))).toMatchObject({ status: 'sent' });
  await worker.close();
  const auth = await openAuth({ store: bench.store, sessionId: SESSION, epoch: 2, log });
  expect(auth.outgoing.pending()).toEqual([]);
});
