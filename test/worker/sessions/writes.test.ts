import { afterAll, beforeAll, expect, test } from 'vitest';
import { CountingStore } from '../storage/testing/counting-store.ts';
import { MapStore } from '../storage/testing/map-store.ts';
import {
  type Bench,
  type BenchWorker,
  FRIEND,
  FRIEND_JID,
  PHONE,
  SESSION,
  startLinked,
} from './testing/start-bench.ts';

const MESSAGES = 20;
const to = FRIEND_JID;
let bench: Bench;
let worker: BenchWorker;
const store = new CountingStore(new MapStore());
const authPuts = () => store.putBytes.filter(({ key }) => key.includes('/auth/')).length;

beforeAll(async () => {
  ({ bench, worker } = await startLinked({ store }, { linking: 'classic' }));
  const { messageId } = await worker.registry.send(SESSION, { to, type: 'text', message: 'The first' });
  await worker.sink.messageStatus(messageId, 'read');
});
afterAll(() => bench.close());

test('a message sent costs at most one write, with all that is reported of it', async () => {
  store.resetCounts();
  for (let n = 0; n < MESSAGES; n++) {
    const { messageId } = await worker.registry.send(SESSION, { to, type: 'text', message: `${n}` });
    await worker.sink.messageStatus(messageId, 'read');
  }
  expect(authPuts() / MESSAGES).toBeLessThanOrEqual(1);
});

test('a message received costs at most one write', async () => {
  store.resetCounts();
  for (let n = 0; n < MESSAGES; n++) {
    const { ids } = await bench.sandbox.send(FRIEND, { to: PHONE, text: `${n}` });
    await worker.sink.event('message_received', ({ id }) => id === ids[0]);
    await bench.sandbox.receipts(FRIEND, { id: ids[0] ?? '', waitMs: 5_000, count: 1 });
  }
  expect(authPuts() / MESSAGES).toBeLessThanOrEqual(1);
});

test('what is said of messages costs no more', async () => {
  const { messageId } = await worker.registry.send(SESSION, { to, type: 'text', message: 'Look' });
  await worker.sink.messageStatus(messageId, 'read');
  store.resetCounts();
  for (let n = 0; n < MESSAGES; n++) {
    const reaction = { emoji: '👍', messageId, fromMe: false };
    const { ids } = await bench.sandbox.send(FRIEND, { to: PHONE, reaction });
    await worker.sink.event('message_reaction', ({ id }) => id === ids[0]);
    await bench.sandbox.receipts(FRIEND, { id: ids[0] ?? '', waitMs: 5_000, count: 1 });
    const edit = { to, type: 'edit', targetId: messageId, message: `Look ${n}` } as const;
    const { messageId: editId } = await worker.registry.send(SESSION, edit);
    await worker.sink.messageStatus(editId, 'delivered');
  }
  expect(authPuts() / (2 * MESSAGES)).toBeLessThanOrEqual(1);
});
