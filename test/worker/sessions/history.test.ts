import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { historyPrefix } from '../../../shared/messages/history/history-keys.ts';
import { HistoryQuery } from '../../../shared/messages/history/history-query.ts';
import { readHistory } from '../../../shared/messages/history/read-history.ts';
import { CountingStore } from '../../../testing/storage/counting-store.ts';
import { MapStore } from '../../../testing/storage/map-store.ts';
import {
  type Bench,
  type BenchWorker,
  FRIEND,
  FRIEND_JID,
  jidOf,
  kill,
  PHONE,
  SESSION,
  startLinked,
  takeOver,
  type WorkerOptions,
} from '../../../testing/worker/start-bench.ts';
import { SessionData, sessionDataKey } from '../../../worker/storage/session-data.ts';

let bench: Bench;
let worker: BenchWorker;
let epoch = 1;
const to = FRIEND_JID;
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const query = (given: object = {}) => HistoryQuery.parse(given);
const live = (given: object = {}) => worker.registry.messages(SESSION, query(given));
/** As the control plane reads it where no worker answers. */
const stored = (given: object = {}) => readHistory(bench.store, SESSION, query(given));

async function receive(text: string): Promise<string> {
  const { ids } = await bench.sandbox.send(FRIEND, { to: PHONE, text });
  await worker.sink.event('message_received', ({ id }) => id === ids[0]);
  return ids[0] ?? '';
}

async function sendText(message: string): Promise<string> {
  const { messageId } = await worker.registry.send(SESSION, { to, type: 'text', message });
  return messageId;
}

/** The session goes on with its next owner. */
async function goOn(options?: WorkerOptions): Promise<void> {
  epoch += 1;
  worker = await takeOver(bench, epoch, options);
}

describe('a session’s history', () => {
  beforeAll(async () => {
    ({ bench, worker } = await startLinked());
  });
  afterEach(() => bench.sandbox.clearFaults());
  afterAll(() => bench.close());

  test('shows at once what was sent and received, in one chat, the newest first', async () => {
    const received = await receive('A question');
    const sent = await sendText('An answer');
    await worker.sink.messageStatus(sent, 'read');
    const { messages, total } = await live();
    expect(messages.map(({ id }) => id)).toEqual([sent, received]);
    expect(messages[0]).toMatchObject({
      direction: 'outbound',
      to,
      from: jidOf(PHONE),
      type: 'text',
      content: 'An answer',
      status: 'read',
      chatId: messages[1]?.chatId,
    });
    expect(messages[1]).toMatchObject({ direction: 'inbound', from: to, content: 'A question' });
    expect(total).toBe(2);
    const found = await worker.registry.message(SESSION, sent);
    expect(found.timeline.map(({ status }) => status)).toEqual(['sent', 'delivered', 'read']);
  });

  test('names the files that were sent and received', async () => {
    const media = { url: `data:image/png;base64,${PNG.toString('base64')}` };
    await worker.registry.send(SESSION, { to, type: 'image', media, caption: 'Look' });
    const { ids } = await bench.sandbox.send(FRIEND, {
      to: PHONE,
      media: {
        type: 'document',
        dataBase64: PNG.toString('base64'),
        mimetype: 'application/pdf',
        filename: 'a.pdf',
      },
    });
    const { data } = await worker.sink.event('message_received', ({ id }) => id === ids[0]);
    const [received, sent] = (await live({ limit: 2 })).messages;
    expect(sent).toMatchObject({ type: 'image', content: 'Look', media: { mimetype: 'image/png' } });
    const { mediaId } = ('media' in data && data.media) || {};
    expect(received?.media).toEqual({
      mediaId,
      mimetype: 'application/pdf',
      filename: 'a.pdf',
      sizeBytes: PNG.length,
    });
  });

  test('shows a message that WhatsApp refused as failed', async () => {
    await bench.sandbox.addFault({ kind: 'nack', account: PHONE, code: 463, count: 1 });
    await expect(sendText('No')).rejects.toMatchObject({ code: 'MESSAGE_REJECTED' });
    const { messages } = await live({ status: 'failed' });
    expect(messages).toMatchObject([{ content: 'No', status: 'failed' }]);
  });

  test('shows what was edited, revoked and reacted to, by either side, and lists none of it', async () => {
    const [heard, wrong] = [await receive('Teh'), await receive('Wrong chat')];
    const [said, slip] = [await sendText('Halo'), await sendText('A slip')];
    const { total } = await live();
    const from = (message: Parameters<typeof bench.sandbox.send>[1]) => bench.sandbox.send(FRIEND, message);
    await from({ to: PHONE, edit: { messageId: heard, text: 'The' } });
    await from({ to: PHONE, revoke: { messageId: wrong } });
    await from({ to: PHONE, reaction: { emoji: '👍', messageId: said, fromMe: false } });
    await worker.sink.event('message_reaction', ({ messageId }) => messageId === said);
    const act = async (body: Parameters<BenchWorker['registry']['send']>[1]) =>
      worker.registry.send(SESSION, body);
    await act({ to, type: 'edit', targetId: said, message: 'Hello' });
    await act({ to, type: 'revoke', targetId: slip });
    await act({ to, type: 'reaction', reaction: { messageId: heard, emoji: '🎉' } });
    const expected = [
      { id: slip, content: null, revokedAt: expect.any(String) },
      { id: said, content: 'Hello', editedAt: expect.any(String), reactions: [{ from: to, emoji: '👍' }] },
      { id: wrong, content: null, revokedAt: expect.any(String) },
      {
        id: heard,
        content: 'The',
        editedAt: expect.any(String),
        reactions: [{ from: jidOf(PHONE), emoji: '🎉' }],
      },
    ];
    const page = await live({ limit: 4 });
    expect(page.messages).toMatchObject(expected);
    expect(page.total).toBe(total);
    // What WhatsApp has acknowledged outlives its worker.
    await kill(worker);
    await goOn();
    expect((await live({ limit: 4 })).messages).toMatchObject(expected);
    expect((await worker.registry.message(SESSION, said)).message).toMatchObject(expected[1] ?? {});
  });

  test('shows what the account’s phone has edited and revoked, of its own texts and of this session’s', async () => {
    const phone = (message: Parameters<typeof bench.sandbox.send>[1]) => bench.sandbox.send(PHONE, message);
    const { ids } = await phone({ to: FRIEND, text: 'From teh phone' });
    const typed = ids[0] ?? '';
    await worker.sink.event('message_sent', ({ id }) => id === typed);
    const sent = await sendText('From the gateway');
    await phone({ to: FRIEND, edit: { messageId: typed, text: 'From the phone' } });
    await phone({ to: FRIEND, revoke: { messageId: sent } });
    await worker.sink.event('message_revoked', ({ messageId }) => messageId === sent);
    expect((await live({ limit: 2 })).messages).toMatchObject([
      { id: sent, direction: 'outbound', content: null, revokedAt: expect.any(String) },
      { id: typed, direction: 'outbound', content: 'From the phone', editedAt: expect.any(String) },
    ]);
  });

  test('shows no edit that WhatsApp refused', async () => {
    const said = await sendText('As it was');
    await bench.sandbox.addFault({ kind: 'nack', account: PHONE, code: 463, count: 1 });
    const edit = { to, type: 'edit', targetId: said, message: 'Not so' } as const;
    await expect(worker.registry.send(SESSION, edit)).rejects.toMatchObject({ code: 'MESSAGE_REJECTED' });
    const { message } = await worker.registry.message(SESSION, said);
    expect(message).toMatchObject({ content: 'As it was' });
    expect(message).not.toHaveProperty('editedAt');
  });

  test('is on storage after a disconnect, and outlives the end of its worker', async () => {
    const before = await live();
    await worker.close();
    expect(await stored()).toEqual(before);
    await goOn();
    expect(await live()).toEqual(before);
    const later = await sendText('Later');
    expect((await live()).messages.map(({ id }) => id)).toEqual([
      later,
      ...before.messages.map(({ id }) => id),
    ]);
  });

  test('misses nothing that WhatsApp or the control plane has heard of when the worker is killed', async () => {
    const before = await live({ limit: 100 });
    const received = await receive('Before the kill');
    const sent = await sendText('Acknowledged before the kill');
    await kill(worker);
    await goOn();
    const ids = [sent, received, ...before.messages.map(({ id }) => id)];
    expect((await live({ limit: 100 })).messages.map(({ id }) => id)).toEqual(ids);
    await worker.close();
    const { messages, total } = await stored({ limit: 100 });
    expect(messages.map(({ id }) => id)).toEqual(ids);
    expect(total).toBe(ids.length);
    expect(messages[0]?.status).not.toBe('pending');
  });

  test('goes with its session, and so does a file that is being kept at that moment', async () => {
    const store = new CountingStore(bench.store);
    const begun = Promise.withResolvers<void>();
    const landed = Promise.withResolvers<void>();
    const putFile = store.putFile.bind(store);
    store.putFile = async (key, path, options) => {
      begun.resolve();
      // It lands after all, as what S3 has taken does.
      await new Promise((resolve) => options?.signal?.addEventListener('abort', () => setImmediate(resolve)));
      await putFile(key, path, options);
      landed.resolve();
    };
    await worker.close();
    await goOn({ store });
    const media = {
      type: 'document',
      dataBase64: PNG.toString('base64'),
      mimetype: 'application/pdf',
    } as const;
    await bench.sandbox.send(FRIEND, { to: PHONE, media });
    await begun.promise;
    await worker.registry.remove(SESSION, { epoch, rev: 2 });
    await landed.promise;
    expect([...bench.store.objects.keys()]).toEqual([]);
  });
});

describe('what becomes of it', () => {
  beforeEach(async () => {
    ({ bench, worker } = await startLinked());
  });
  afterEach(() => bench.close());

  test('a session whose tenant has switched it off takes nothing down', async () => {
    const settings = { rev: 1, pacing: null, proxy: null, history: false };
    await worker.registry.start({ sessionId: SESSION, userId: 'user-1', epoch: 1, rev: 2, settings });
    await receive('Not to be kept');
    await sendText('Nor this');
    expect(await live()).toMatchObject({ messages: [], total: 0 });
  });

  test('session-data.json says where the session stands, and goes with it, as all it has written', async () => {
    await receive('To be deleted');
    await worker.registry.disconnect(SESSION, { rev: 2 });
    await worker.close();
    const body = Buffer.from((await bench.store.get(sessionDataKey(SESSION))) ?? []).toString();
    expect(SessionData.parse(JSON.parse(body))).toMatchObject({ epoch: 1, status: 'disconnected' });
    expect(await bench.store.list(historyPrefix(SESSION))).toHaveLength(1);
    worker = bench.startWorker();
    await worker.registry.remove(SESSION, { epoch: 2, rev: 3 });
    expect(await bench.store.list(`sessions/${SESSION}/`)).toEqual([]);
  });
});

test('costs a small fraction of a write for each message', async () => {
  const store = new CountingStore(new MapStore());
  ({ bench, worker } = await startLinked({ store }));
  await sendText('The first, which makes the Signal session');
  store.resetCounts();
  const texts = Array.from({ length: 60 }, (_, n) => `Message ${n}`);
  await Promise.all(texts.map(sendText));
  const parts = () => store.putBytes.filter(({ key }) => key.startsWith(historyPrefix(SESSION)));
  expect(store.counts.put / texts.length).toBeLessThanOrEqual(1);
  expect(parts()).toEqual([]);
  await worker.close();
  expect(parts()).toHaveLength(1);
  await bench.close();
});
