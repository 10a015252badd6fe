import type { AuthenticationCreds } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { CountingStore } from '../../../testing/storage/counting-store.ts';
import { MapStore } from '../../../testing/storage/map-store.ts';
import {
  type Bench,
  type BenchWorker,
  FRIEND,
  FRIEND_JID,
  PHONE,
  SESSION,
  startLinked,
} from '../../../testing/worker/start-bench.ts';
import { openAuth } from '../../../worker/whatsapp/state/open-auth.ts';

const MESSAGES = 20;
const to = FRIEND_JID;
let bench: Bench;
let worker: BenchWorker;
const store = new CountingStore(new MapStore());

async function sendAndRead(message: string): Promise<string> {
  const { messageId } = await worker.registry.send(SESSION, { to, type: 'text', message });
  await worker.sink.messageStatus(messageId, 'read');
  return messageId;
}
const authPuts = () => store.putBytes.filter(({ key }) => key.includes('/auth/')).length;

beforeAll(async () => {
  let creds: Partial<AuthenticationCreds> = {};
  ({ bench, worker } = await startLinked(
    {
      store,
      openAuth: async (options) => {
        const auth = await openAuth(options);
        const save = auth.saveCreds.bind(auth);
        auth.saveCreds = (update) => {
          creds = { ...creds, ...update };
          save(update);
        };
        return auth;
      },
    },
    { linking: 'classic' },
  ));
  await sendAndRead('The first');
  // What else a login changes comes when it comes; what is left of it goes along with the next message.
  await vi.waitFor(
    async () => {
      expect(creds.lastPropHash).toBeDefined();
      expect(await bench.sandbox.devices(PHONE)).toMatchObject([{ queued: 0 }]);
    },
    { timeout: 60_000 },
  );
  await sendAndRead('The second');
});
afterAll(() => bench.close());

test('a message sent costs at most one write, with all that is reported of it', async () => {
  store.resetCounts();
  for (let n = 0; n < MESSAGES; n++) await sendAndRead(`${n}`);
  expect(authPuts() / MESSAGES).toBeLessThanOrEqual(1);
});

test('a message received costs at most one write', async () => {
  store.resetCounts();
  for (let n = 0; n < MESSAGES; n++) {
    const { ids } = await bench.sandbox.send(FRIEND, { to: PHONE, text: `${n}` });
    await worker.sink.event('message_received', ({ id }) => id === ids[0]);
    await bench.sandbox.receipts(FRIEND, { id: ids[0] ?? '', waitMs: 60_000, count: 1 });
  }
  expect(authPuts() / MESSAGES).toBeLessThanOrEqual(1);
});

test('what is said of messages costs no more', async () => {
  const messageId = await sendAndRead('Look');
  store.resetCounts();
  for (let n = 0; n < MESSAGES; n++) {
    const reaction = { emoji: '👍', messageId, fromMe: false };
    const { ids } = await bench.sandbox.send(FRIEND, { to: PHONE, reaction });
    await worker.sink.event('message_reaction', ({ id }) => id === ids[0]);
    await bench.sandbox.receipts(FRIEND, { id: ids[0] ?? '', waitMs: 60_000, count: 1 });
    const edit = { to, type: 'edit', targetId: messageId, message: `Look ${n}` } as const;
    const { messageId: editId } = await worker.registry.send(SESSION, edit);
    await worker.sink.messageStatus(editId, 'delivered');
  }
  expect(authPuts() / (2 * MESSAGES)).toBeLessThanOrEqual(1);
});
