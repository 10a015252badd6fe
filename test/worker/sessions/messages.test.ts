import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  arrivals,
  type Bench,
  type BenchWorker,
  FRIEND,
  FRIEND_JID,
  jidOf,
  PHONE,
  SESSION,
  startLinked,
} from '../../../testing/worker/start-bench.ts';

let bench: Bench;
let worker: BenchWorker;

beforeAll(async () => {
  ({ bench, worker } = await startLinked({
    settings: { media: { allowPrivate: true, maxBytes: 200_000 } },
  }));
});
afterEach(() => bench.sandbox.clearFaults());
afterAll(() => bench.close());

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const QUIET = '6281111111111';
const to = FRIEND_JID;

const arrived = async (id: string) => (await arrivals(bench, id))[0];

describe('sending', () => {
  test('a text is answered as sent, decrypted by its recipient, and reported delivered and read', async () => {
    const answer = await worker.registry.send(SESSION, { to, type: 'text', message: 'Hello there' });
    expect(answer).toMatchObject({ status: 'sent', sessionId: SESSION });
    expect(answer.messageId).toMatch(/^3EB0[0-9A-F]{20,}$/);
    expect(await arrived(answer.messageId)).toMatchObject({ text: 'Hello there', from: PHONE });
    expect(await worker.sink.messageStatus(answer.messageId, 'sent')).toMatchObject({ to });
    await worker.sink.messageStatus(answer.messageId, 'delivered');
    expect(await worker.sink.messageStatus(answer.messageId, 'read')).toMatchObject({ to });
    const sent = await worker.sink.event('message_sent', ({ messageId }) => messageId === answer.messageId);
    expect(sent.data).toMatchObject({ type: 'text', content: 'Hello there', to });
  });

  test('a receipt that names thousands of messages tells of none that its writer was not sent', async () => {
    const [quiet, stranger] = ['6281111111112', '6281111111113'];
    await bench.sandbox.addContact({ number: quiet, reads: false });
    await bench.sandbox.addContact({ number: stranger });
    const { messageId } = await worker.registry.send(SESSION, {
      to: jidOf(quiet),
      type: 'text',
      message: 'For one person',
    });
    await worker.sink.messageStatus(messageId, 'delivered');
    const before = worker.sink.reports.length;
    const made = Array.from(
      { length: 2_000 },
      (_, n) => `3EB0${n.toString(16).toUpperCase().padStart(18, '0')}`,
    );
    await bench.sandbox.forgeReceipt(stranger, { to: PHONE, ids: [messageId, ...made], type: 'read' });
    // Stanzas are handled in order: what comes behind the receipt is told next.
    const [id = ''] = (await bench.sandbox.send(stranger, { to: PHONE, text: 'Did it work?' })).ids;
    await worker.sink.event('message_received', (data) => data['id'] === id);
    expect(worker.sink.reports.slice(before).map(({ kind }) => kind)).toEqual(['event']);
    // The one it was sent to may say so.
    await bench.sandbox.forgeReceipt(quiet, {
      to: PHONE,
      ids: [...made.slice(0, 500), messageId],
      type: 'read',
    });
    expect(await worker.sink.messageStatus(messageId, 'read')).toMatchObject({ to: jidOf(quiet) });
  });

  test.each([
    { type: 'image', mimetype: 'image/png' },
    { type: 'document', mimetype: 'application/pdf' },
    { type: 'audio', mimetype: 'audio/mpeg' },
    { type: 'video', mimetype: 'video/mp4' },
    { type: 'sticker', mimetype: 'image/webp' },
  ] as const)(
    'a file of type $type is decrypted by its recipient byte for byte',
    async ({ type, mimetype }) => {
      const media = { url: `data:${mimetype};base64,${PNG.toString('base64')}`, caption: 'Look' };
      const { messageId } = await worker.registry.send(SESSION, { to, type, media, filename: 'scan.pdf' });
      const message = await arrived(messageId);
      expect(message).toMatchObject({
        type,
        mimetype,
        media: { sha256: sha256(PNG), sizeBytes: PNG.length },
      });
      expect(message?.caption).toBe(type === 'audio' || type === 'sticker' ? null : 'Look');
      expect(message?.filename).toBe(type === 'document' ? 'scan.pdf' : null);
    },
  );

  test('the same message id is one message, however often it is sent', async () => {
    const body = { to, type: 'text', message: 'Once', messageId: '3EB0AAAABBBBCCCCDDDD01' } as const;
    const answers = await Promise.all([
      worker.registry.send(SESSION, body),
      worker.registry.send(SESSION, body),
    ]);
    answers.push(await worker.registry.send(SESSION, body));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    const after = await worker.registry.send(SESSION, { to, type: 'text', message: 'After' });
    await arrived(after.messageId);
    const { messages } = await bench.sandbox.inbox(FRIEND, { id: body.messageId });
    expect(messages).toHaveLength(1);
  });

  test('messages of one chat arrive in the order they were sent', async () => {
    const texts = Array.from({ length: 12 }, (_, at) => `Number ${at}`);
    const { lastSeq } = await bench.sandbox.inbox(FRIEND);
    await Promise.all(texts.map((message) => worker.registry.send(SESSION, { to, type: 'text', message })));
    const { messages } = await bench.sandbox.inbox(FRIEND, { after: lastSeq, count: 12, waitMs: 60_000 });
    expect(messages.map(({ text }) => text)).toEqual(texts);
  });

  test('a refusal by the server is a failure with its code, never "sent"', async () => {
    await bench.sandbox.addFault({ kind: 'nack', account: PHONE, code: 463, count: 1 });
    const body = { to, type: 'text', message: 'No', messageId: '3EB0AAAABBBBCCCCDDDD02' } as const;
    const refused = expect.objectContaining({
      code: 'MESSAGE_REJECTED',
      details: [{ path: 'code', message: '463' }],
    });
    await expect(worker.registry.send(SESSION, body)).rejects.toEqual(refused);
    expect(await worker.sink.messageStatus(body.messageId, 'failed')).toMatchObject({ errorCode: '463' });
    await expect(worker.registry.send(SESSION, body)).rejects.toEqual(refused);
  });

  test('a message that cannot be fetched says so, and its id may be used again', async () => {
    const body = { to, type: 'image', messageId: '3EB0AAAABBBBCCCCDDDD03' } as const;
    const gone = { url: `${bench.sandbox.controlUrl}/nothing-here` };
    await expect(worker.registry.send(SESSION, { ...body, media: gone })).rejects.toMatchObject({
      code: 'MEDIA_UNAVAILABLE',
    });
    const media = { url: `data:image/png;base64,${PNG.toString('base64')}` };
    expect(await worker.registry.send(SESSION, { ...body, media })).toMatchObject({ status: 'sent' });
  });
});

describe('answering', () => {
  test('an answer quotes the message it answers, of theirs and of ours', async () => {
    const { ids } = await bench.sandbox.send(FRIEND, { to: PHONE, text: 'A question' });
    await worker.sink.event('message_received', ({ id }) => id === ids[0]);
    const answer = { to, type: 'text', message: 'An answer' } as const;
    const first = await worker.registry.send(SESSION, { ...answer, quotedMessageId: ids[0] ?? '' });
    expect(await arrived(first.messageId)).toMatchObject({ details: { quotedMessageId: ids[0] } });
    const second = await worker.registry.send(SESSION, { ...answer, quotedMessageId: first.messageId });
    expect(await arrived(second.messageId)).toMatchObject({ details: { quotedMessageId: first.messageId } });
  });
});

describe('groups', () => {
  test('a message to a group reaches its members, and theirs names group and author', async () => {
    const group = await bench.sandbox.createGroup({ subject: 'Us', creator: FRIEND, participants: [PHONE] });
    const { messageId } = await worker.registry.send(SESSION, { to: group.id, type: 'text', message: 'All' });
    expect(await arrived(messageId)).toMatchObject({ text: 'All', chat: group.id });
    await worker.sink.messageStatus(messageId, 'delivered');
    const { ids } = await bench.sandbox.send(FRIEND, { to: group.id, text: 'Hello all' });
    const { data } = await worker.sink.event('message_received', ({ id }) => id === ids[0]);
    expect(data).toMatchObject({ chatId: group.id, isGroup: true, phoneNumber: `+${FRIEND}` });
  });
});

describe('receiving', () => {
  test('a text is reported with a stable chat, the number and the LID', async () => {
    const { ids } = await bench.sandbox.send(FRIEND, { to: PHONE, text: 'Good morning' });
    const { data } = await worker.sink.event('message_received', ({ id }) => id === ids[0]);
    const friend = (await bench.sandbox.listAccounts()).find(({ number }) => number === FRIEND);
    expect(data).toMatchObject({
      type: 'text',
      content: 'Good morning',
      chatId: friend?.lid,
      from: to,
      phoneNumber: `+${FRIEND}`,
      lid: friend?.lid,
      pushName: 'Friend',
      fromMe: false,
      isGroup: false,
      offline: false,
    });
  });

  test('what is written on the account’s own phone is reported as sent from there, with its file', async () => {
    const media = { type: 'image', dataBase64: PNG.toString('base64'), mimetype: 'image/png' } as const;
    const text = await bench.sandbox.send(PHONE, { to: FRIEND, text: 'Typed by hand' });
    const picture = await bench.sandbox.send(PHONE, { to: FRIEND, media });
    const typed = await worker.sink.event('message_sent', ({ id }) => id === text.ids[0]);
    expect(typed.data).toMatchObject({ source: 'phone', from: jidOf(PHONE), content: 'Typed by hand' });
    const { data } = await worker.sink.event('message_sent', ({ id }) => id === picture.ids[0]);
    expect(data).toMatchObject({ source: 'phone', type: 'image', media: { sizeBytes: PNG.length } });
    const { mediaId } = ('media' in data && data.media) || {};
    expect(sha256(bench.store.objects.get(`media/${SESSION}/images/${mediaId}`) ?? Buffer.alloc(0))).toBe(
      sha256(PNG),
    );
    const { messageId } = await worker.registry.send(SESSION, { to, type: 'text', message: 'By the API' });
    const sent = await worker.sink.event('message_sent', ({ id }) => id === messageId);
    expect(sent.data).toMatchObject({
      source: 'api',
      chatId: data.chatId,
      from: jidOf(PHONE),
      isGroup: false,
    });
  });

  test('a file is kept on the object store, and its report says where', async () => {
    const media = {
      type: 'image',
      dataBase64: PNG.toString('base64'),
      mimetype: 'image/png',
      caption: 'See',
    } as const;
    const { ids } = await bench.sandbox.send(FRIEND, { to: PHONE, media });
    const { data } = await worker.sink.event('message_received', ({ id }) => id === ids[0]);
    expect(data).toMatchObject({
      type: 'image',
      content: 'See',
      media: { mimetype: 'image/png', sizeBytes: PNG.length },
    });
    const { mediaId } = ('media' in data && data.media) || {};
    const kept = bench.store.objects.get(`media/${SESSION}/images/${mediaId}`);
    expect(sha256(kept ?? Buffer.alloc(0))).toBe(sha256(PNG));
  });

  test('a file that is too large is reported with the reason, and nothing is kept', async () => {
    const dataBase64 = Buffer.alloc(300_000, 7).toString('base64');
    const media = { type: 'document', dataBase64, mimetype: 'application/pdf', filename: 'big.pdf' } as const;
    const { ids } = await bench.sandbox.send(FRIEND, { to: PHONE, media });
    const { data } = await worker.sink.event('message_received', ({ id }) => id === ids[0]);
    expect(data).toMatchObject({ media: { filename: 'big.pdf', error: expect.stringMatching(/larger/) } });
    expect(await bench.store.list(`media/${SESSION}/documents/`)).toEqual([]);
  });

  test('reactions, edits and revocations are events of their own', async () => {
    const { messageId } = await worker.registry.send(SESSION, { to, type: 'text', message: 'React to this' });
    await arrived(messageId);
    await bench.sandbox.send(FRIEND, { to: PHONE, reaction: { emoji: '👍', messageId, fromMe: false } });
    const reaction = await worker.sink.event('message_reaction', (data) => data['messageId'] === messageId);
    expect(reaction.data).toMatchObject({ emoji: '👍' });
    const { ids } = await bench.sandbox.send(FRIEND, { to: PHONE, text: 'Teh' });
    await bench.sandbox.send(FRIEND, { to: PHONE, edit: { messageId: ids[0] ?? '', text: 'The' } });
    const edited = await worker.sink.event('message_edited', (data) => data['messageId'] === ids[0]);
    expect(edited.data).toMatchObject({ content: 'The' });
    await bench.sandbox.send(FRIEND, { to: PHONE, revoke: { messageId: ids[0] ?? '' } });
    await worker.sink.event('message_revoked', (data) => data['messageId'] === ids[0]);
  });

  test('every report of the session comes once, with its own place in a rising order', () => {
    const ids = worker.sink.reports.map(({ body }) => body.id);
    expect(new Set(ids).size).toBe(ids.length);
    const seqs = worker.sink.reports.map(({ body }) => body.seq ?? 0);
    expect(seqs.every((seq, at) => at === 0 || seq > (seqs[at - 1] ?? 0))).toBe(true);
    expect(new Set(worker.sink.reports.map(({ body }) => body.epoch))).toEqual(new Set([1]));
  });
});

test('a late acknowledgement is answered as pending and reported as sent later', async () => {
  const own = await startLinked({ settings: { ackTimeoutMs: 100 } });
  const { sandbox } = own.bench;
  await sandbox.addFault({ kind: 'ack', account: PHONE, mode: 'held', count: 1 });
  await sandbox.addContact({ number: QUIET, delivers: false, reads: false });
  const answer = await own.worker.registry.send(SESSION, { to: jidOf(QUIET), type: 'text', message: 'Slow' });
  expect(answer.status).toBe('pending');
  await sandbox.clearFaults({ kind: 'ack' });
  await own.worker.sink.messageStatus(answer.messageId, 'sent');
  await own.bench.close();
});
