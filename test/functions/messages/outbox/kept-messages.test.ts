import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type OutboxFixture, startOutbox, text } from './outbox-fixture.ts';

const MINUTE_MS = 60_000;

let outbox: OutboxFixture;

beforeAll(async () => {
  outbox = await startOutbox();
});
afterAll(() => outbox.delivery.close());
beforeEach(() => outbox.begin());
afterEach(() => outbox.drain());

/** A send at once, of which the tenant is told that it is pending. */
async function sendPending(message = 'Hello', path = '/send', body: object = text(message)): Promise<string> {
  const { status, data } = await outbox.call<{ messageId: string; status: string }>('POST', path, { body });
  expect([status, data.status]).toEqual([202, 'pending']);
  return data.messageId;
}
const remove = (messageId: string) => outbox.call('DELETE', `/messages/${messageId}`);
const itemOf = (messageId: string) => outbox.deps.stores.outbox.get(outbox.session.sessionId, messageId);
const wakeUpOf = () => outbox.deps.stores.wakeUps.get(outbox.session.sessionId);

describe('a message that was answered as pending', () => {
  it.each(['dies before', 'pending', 'WORKER_TIMEOUT'] as const)(
    'goes out under its id through the session’s next owner, when its worker (%s) had not written it down',
    async (fate) => {
      outbox.worker.fate(() => fate);
      const messageId = await sendPending();
      outbox.worker.delivered.length = 0;
      outbox.worker.fate(() => 'sent');
      await outbox.connect();
      await outbox.later(MINUTE_MS);
      expect(outbox.worker.delivered).toMatchObject([{ messageId, text: 'Hello' }]);
      const { status, timeline } = await outbox.show(messageId);
      expect([status, timeline.map((step) => step.status)]).toEqual(['sent', ['pending', 'sent']]);
      await outbox.later(MINUTE_MS);
      expect(await itemOf(messageId)).toMatchObject({ status: 'sent' });
      expect(await itemOf(messageId)).not.toHaveProperty('body');
      await outbox.later(2 * MINUTE_MS);
      expect([outbox.worker.calls.length, await wakeUpOf()]).toEqual([2, undefined]);
    },
  );

  it('a message that was answered as pending shows when it began, not when the outbox had it', async () => {
    const began = new Date(outbox.delivery.clock.now).toISOString();
    outbox.worker.fate(() => {
      outbox.delivery.clock.now += 20_000;
      return 'pending';
    });
    const { timeline } = await outbox.show(await sendPending());
    expect(timeline).toEqual([{ status: 'pending', at: began }]);
  });

  it('a message that was answered as pending is not sent again when its report came before the outbox had it, and is counted once', async () => {
    outbox.worker.fate((_, id) => outbox.report(id, 'sent').then(() => 'pending' as const));
    const messageId = await sendPending();
    await outbox.report(messageId, 'delivered');
    await outbox.later(MINUTE_MS);
    expect(outbox.worker.calls).toHaveLength(1);
    expect(await outbox.show(messageId)).toMatchObject({ status: 'delivered' });
    expect(await itemOf(messageId)).toMatchObject({ status: 'sent' });
    expect(await outbox.counted()).toMatchObject({
      ...{ totals: { sent: 1 }, byType: { text: 1 }, byStatus: { sent: 1, delivered: 1 } },
    });
  });

  it('a message that was answered as pending is not sent again when it is reported as failed, and is counted as that', async () => {
    outbox.worker.fate(() => 'pending');
    const messageId = await sendPending();
    await outbox.report(messageId, 'failed', { error: 'No.', errorCode: 'MEDIA_UNAVAILABLE' });
    await outbox.connect();
    await outbox.later(MINUTE_MS);
    expect(outbox.worker.calls).toHaveLength(1);
    expect(await outbox.show(messageId)).toMatchObject({ status: 'failed', errorCode: 'MEDIA_UNAVAILABLE' });
    expect(await outbox.counted()).toMatchObject({ totals: { sent: 0 }, byStatus: { failed: 1 } });
  });

  it('a message that was answered as pending has not failed where its worker ended before it was ready: it is sent by the next one', async () => {
    outbox.worker.fate(() => 'pending');
    const messageId = await sendPending();
    await outbox.connect();
    const never = { error: 'It was not sent.', errorCode: 'NOT_SENT' };
    expect((await outbox.report(messageId, 'failed', never)).data).toEqual({ applied: false });
    expect((await outbox.show(messageId)).status).toBe('pending');
    outbox.worker.fate(() => 'sent');
    await outbox.later(MINUTE_MS);
    expect((await outbox.show(messageId)).status).toBe('sent');
    expect((await outbox.report('3EB0NOBODYKEEPSTHIS', 'failed', never)).data).toEqual({ applied: true });
  });

  it('a message that was answered as pending is handed over as long as its worker says that it has it, ever less often', async () => {
    outbox.worker.fate(() => 'pending');
    await sendPending();
    for (let minute = 0; minute < 60; minute += 1) await outbox.later(MINUTE_MS);
    const { length } = outbox.worker.calls;
    expect(length).toBeGreaterThan(5);
    expect(length).toBeLessThan(15);
    outbox.worker.fate(() => 'sent');
    await outbox.later(15 * MINUTE_MS);
    expect(outbox.worker.calls).toHaveLength(length + 1);
    expect(new Set(outbox.worker.calls).size).toBe(1);
  });

  it('a message that was answered as pending is given up after five workers that said nothing, and waits for a report', async () => {
    outbox.worker.fate((call) => (call === 1 ? 'pending' : 'dies before'));
    const messageId = await sendPending();
    for (let round = 0; round < 12; round += 1) await outbox.later(15 * MINUTE_MS);
    expect(outbox.worker.calls).toHaveLength(6);
    expect((await outbox.show(messageId)).status).toBe('pending');
    await outbox.report(messageId, 'delivered');
    expect((await outbox.show(messageId)).status).toBe('delivered');
    expect((await outbox.counted()).totals.sent).toBe(1);
  });

  it('a message that was answered as pending cannot be cancelled, since a worker may have it, also when the next one has refused it for now', async () => {
    outbox.worker.fate((call) => (call === 1 ? 'pending' : 'SESSION_NOT_CONNECTED'));
    const messageId = await sendPending();
    expect(await remove(messageId)).toMatchObject({ status: 409, code: 'CONFLICT' });
    await outbox.connect();
    await outbox.later(MINUTE_MS);
    expect(outbox.worker.calls).toHaveLength(2);
    expect(await remove(messageId)).toMatchObject({ status: 409, code: 'CONFLICT' });
  });

  it('a message that was answered as pending is revoked like any other as soon as it is known to be out', async () => {
    outbox.worker.fate((call) => (call === 1 ? 'pending' : 'sent'));
    const messageId = await sendPending();
    await outbox.report(messageId, 'sent');
    expect(await remove(messageId)).toMatchObject({ status: 200, data: { type: 'revoke', status: 'sent' } });
    expect(outbox.worker.delivered.map(({ verb }) => verb)).toEqual(['workerSend', 'workerRevoke']);
  });

  it('a message that was answered as pending is one message, however often it is asked for under its key', async () => {
    outbox.worker.fate(() => 'dies before');
    const send = () =>
      outbox.call<{ messageId: string }>('POST', '/send', {
        body: text('once'),
        headers: { 'idempotency-key': 'once' },
      });
    const [first, again] = [await send(), await send()];
    expect([again.status, again.data]).toEqual([202, first.data]);
    outbox.worker.fate(() => 'sent');
    await outbox.later(MINUTE_MS);
    expect(outbox.worker.delivered).toMatchObject([{ messageId: first.data.messageId }]);
    expect((await send()).data).toEqual(first.data);
    expect((await outbox.counted()).totals.sent).toBe(1);
  });

  it('a message that was answered as pending is kept whole, however large, and leaves nothing behind', async () => {
    const message = 'ä'.repeat(60_000);
    const media = `data:application/pdf;base64,${'A'.repeat(2_000_000)}`;
    const body = { to: '6281234567890', type: 'document', media, caption: 'large', filename: 'ä.pdf' };
    outbox.worker.fate(() => 'dies before');
    const ids = [await sendPending(message), await sendPending('', '/send', body)];
    const large = await itemOf(ids[1] ?? '');
    expect(large).toMatchObject({ bodyParts: 7 });
    if (large === undefined) return;
    const handed = JSON.parse((await outbox.deps.stores.outbox.readBody(large)) ?? '');
    expect(handed).toMatchObject({ verb: 'send', body: { media: { url: media }, filename: 'ä.pdf' } });
    outbox.worker.fate(() => 'sent');
    await outbox.later(MINUTE_MS);
    expect(outbox.worker.delivered.map(({ messageId }) => messageId).toSorted()).toEqual(ids.toSorted());
    expect(outbox.texts).toContain(message);
    expect(await outbox.deps.stores.outbox.readBody(large)).toBeUndefined();
  });

  it('a message that was answered as pending is kept beside all others that were sent at the same moment', async () => {
    outbox.worker.fate(() => 'dies before');
    const texts = Array.from({ length: 20 }, (_, index) => `together ${index}`);
    const ids = await Promise.all(texts.map((each) => sendPending(each)));
    expect((await Promise.all(ids.map(itemOf))).every((item) => item?.status === 'dispatched')).toBe(true);
    expect(await wakeUpOf()).toMatchObject({ waiting: 20 });
  });

  it('a message that was answered as pending is no error where it cannot be kept: that would invite a second one', async () => {
    const { stores } = outbox.deps;
    outbox.deps.stores = {
      ...stores,
      outbox: { ...stores.outbox, accept: () => Promise.reject(new Error('no table')) },
    };
    outbox.worker.fate(() => 'pending');
    await sendPending().finally(() => {
      outbox.deps.stores = stores;
    });
  });

  it('a message that was answered as pending is left to workers that do not know a message again by its id', async () => {
    const owner = { workerId: 'of-another-make', endpoint: 'http://127.0.0.1:2' };
    await outbox.deps.stores.workers.register({
      ...{ ...owner, maxSessions: 1, version: '1', environment: 'TESTING' },
    });
    await outbox.connect(outbox.session, owner);
    outbox.worker.fate(() => 'pending');
    expect(await itemOf(await sendPending())).toBeUndefined();
    outbox.worker.renameMessages();
    expect(await itemOf(await sendPending())).toBeUndefined();
  });
});

it('a reaction, an edit and a revocation that are pending are kept as well, and leave once', async () => {
  const sent = await outbox.call<{ messageId: string }>('POST', '/send', { body: text('about me') });
  const about = `/messages/${sent.data.messageId}`;
  outbox.worker.fate(() => 'dies before');
  const ids = [
    await sendPending('', `${about}/react`, { emoji: '👍' }),
    await sendPending('', `${about}/edit`, { message: 'corrected' }),
    (await remove(sent.data.messageId)).data['messageId'],
  ];
  outbox.worker.fate(() => 'sent');
  await outbox.connect();
  await outbox.later(MINUTE_MS);
  const told = outbox.worker.delivered.slice(1).map(({ verb, messageId }) => [messageId, verb]);
  const verbs = ['workerReact', 'workerEdit', 'workerRevoke'];
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(ids.map((id, index) => [id, verbs[index]])));
  for (const id of ids) expect((await outbox.show(String(id))).status).toBe('sent');
});
