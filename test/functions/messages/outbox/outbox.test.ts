import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Deps } from '../../../../functions/deps.ts';
import { drainBatch } from '../../../../functions/messages/outbox/outbox-function.ts';
import { WORKER_TOKEN } from '../../../../testing/control-plane/control-plane.ts';
import { listener } from '../../../../testing/control-plane/scenario.ts';
import { WHATSAPP_CODE } from './fake-worker.ts';
import { type OutboxFixture, startOutbox, text } from './outbox-fixture.ts';

let outbox: OutboxFixture;

beforeAll(async () => {
  outbox = await startOutbox();
});
afterAll(() => outbox.delivery.close());
beforeEach(() => outbox.begin());
/** What one test has left in the queue is not the next one's. */
afterEach(() => outbox.drain());

const accept = async (message: string, more: object = {}): Promise<string> => {
  const body = text(message, { async: true, ...more });
  const { status, data } = await outbox.call<{ messageId: string; status: string }>('POST', '/send', {
    body,
  });
  expect([status, data.status]).toEqual([202, 'pending']);
  return data.messageId;
};
const bulk = (texts: readonly string[]) =>
  outbox.call<{ messages: object[] }>('POST', '/send/bulk', {
    body: { messages: texts.map((each) => text(each)) },
  });
const cancel = (messageId: string) => outbox.call<{ status: string }>('DELETE', `/messages/${messageId}`);
const death = async (): Promise<never> => {
  throw new Error('the process died here');
};
/** The dependencies of a process that dies in one of these stores. */
const dyingIn = (more: (stores: Deps['stores']) => Partial<Deps['stores']>): Deps => ({
  ...outbox.deps,
  stores: { ...outbox.deps.stores, ...more(outbox.deps.stores) },
});

describe('an async send', () => {
  it('is accepted at once, sent once, and has a timeline', async () => {
    const messageId = await accept('hello');
    expect((await outbox.show(messageId)).status).toBe('pending');
    await outbox.drain();
    expect(outbox.worker.delivered).toMatchObject([{ messageId, text: 'hello' }]);
    const shown = await outbox.show(messageId);
    expect([shown.status, shown.timeline.map(({ status }) => status)]).toEqual(['sent', ['pending', 'sent']]);
  });

  it('waits without burning retries while its session is offline, and leaves when that connects', async () => {
    await outbox.disconnect();
    await accept('one');
    await accept('two');
    expect(await outbox.delivery.queues.sizeOf(outbox.delivery.queues.urls.outbox)).toBe(0);
    await outbox.later(3_600_000);
    expect(outbox.worker.calls).toEqual([]);
    await outbox.connect();
    const { sessionId, epoch } = outbox.session;
    const reported = await outbox.delivery.plane.call('POST', '/api/v1/webhooks/session-status', {
      token: WORKER_TOKEN,
      body: { sessionId, status: 'connected', epoch, seq: 1 },
    });
    expect(reported.status).toBe(200);
    await outbox.drain();
    expect(outbox.texts).toEqual(['one', 'two']);
  });

  it('keeps a session’s order, in bulk too', async () => {
    const messages = ['a', 'b', 'c', 'd', 'e'];
    const { status, data } = await bulk(messages);
    expect([status, data.messages.length]).toEqual([202, 5]);
    await outbox.drain();
    expect(outbox.texts).toEqual(messages);
  });

  it('leaves at its session’s pace', async () => {
    const messages = Array.from({ length: 25 }, (_, index) => String(index));
    await bulk(messages);
    await outbox.drain();
    const atOnce = outbox.worker.delivered.length;
    expect(atOnce).toBeLessThanOrEqual(15);
    await outbox.later(5_000);
    expect(outbox.worker.delivered.length).toBeGreaterThan(atOnce);
    expect(outbox.worker.delivered.length).toBeLessThan(25);
    for (let round = 0; round < 10; round += 1) await outbox.later(5_000);
    expect(outbox.texts).toEqual(messages);
  });

  it('goes out at its time, not before', async () => {
    const scheduledAt = new Date(outbox.delivery.clock.now + 7_200_000).toISOString();
    const messageId = await accept('later', { scheduledAt });
    await accept('now');
    await outbox.drain();
    await outbox.later(7_100_000);
    expect(outbox.texts).toEqual(['now']);
    await outbox.later(200_000);
    expect(outbox.texts).toEqual(['now', 'later']);
    expect((await outbox.show(messageId)).status).toBe('sent');
  });

  it('is refused where its time is more than 90 days ahead, with its place in the body', async () => {
    const at = (days: number) =>
      new Date(outbox.delivery.clock.now + days * 24 * 3_600_000 + 60_000).toISOString();
    const message = 'use a time within 90 days';
    const tooLate = text('never', { scheduledAt: at(90) });
    const refused = (path: string) => ({
      status: 400,
      code: 'VALIDATION_ERROR',
      body: { error: `Check "${path}" in the body: ${message}.`, details: [{ path, message }] },
    });
    expect(await outbox.call('POST', '/send', { body: tooLate })).toMatchObject(refused('scheduledAt'));
    const body = { messages: [text('soon', { scheduledAt: at(89) }), tooLate] };
    expect(await outbox.call('POST', '/send/bulk', { body })).toMatchObject(
      refused('messages.1.scheduledAt'),
    );
    await outbox.drain();
    expect(outbox.texts).toEqual([]);
  });

  it('can be cancelled while it waits, once', async () => {
    const scheduledAt = new Date(outbox.delivery.clock.now + 60_000).toISOString();
    const messageId = await accept('never', { scheduledAt });
    await accept('sent');
    await outbox.drain();
    expect(await cancel(messageId)).toMatchObject({ status: 200, data: { status: 'cancelled' } });
    expect((await cancel(messageId)).status).toBe(200);
    expect((await cancel('none')).status).toBe(404);
    await outbox.later(120_000);
    expect(outbox.texts).toEqual(['sent']);
    expect((await outbox.show(messageId)).status).toBe('cancelled');
  });

  it('of another tenant is unknown', async () => {
    const messageId = await accept('mine');
    const { token } = await outbox.delivery.plane.signUp();
    for (const method of ['GET', 'DELETE'])
      expect((await outbox.call(method, `/messages/${messageId}`, { token })).status).toBe(404);
  });

  it('that is too large for the outbox is refused, not lost', async () => {
    const media = `data:image/png;base64,${'A'.repeat(400_000)}`;
    const body = { to: '6281234567890', type: 'image', media, async: true };
    const answer = await outbox.call('POST', '/send', { body });
    expect([answer.status, answer.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  it('that the worker refuses for good has failed, and lets the next one pass', async () => {
    outbox.worker.fate((call) => (call === 1 ? 'MEDIA_UNAVAILABLE' : 'sent'));
    const messageId = await accept('bad');
    await accept('good');
    await outbox.drain();
    expect(await outbox.show(messageId)).toMatchObject({ status: 'failed', errorCode: 'MEDIA_UNAVAILABLE' });
    expect(outbox.texts).toEqual(['good']);
  });

  it.each([
    ['MEDIA_UNAVAILABLE', 1],
    // Of this one the worker's own report tells.
    ['MESSAGE_REJECTED', 0],
  ] as const)('that the worker refuses with %s is told to clients %i times', async (code, times) => {
    const { plane } = outbox.delivery;
    const client = await listener(plane, outbox.token);
    outbox.worker.fate(() => code);
    const messageId = await accept('bad');
    await outbox.drain();
    const errorCode = code === 'MESSAGE_REJECTED' ? WHATSAPP_CODE : code;
    expect(await outbox.show(messageId)).toMatchObject({ status: 'failed', errorCode });
    const told = {
      ...{ event: 'message.failed', type: 'message.failed', id: expect.stringMatching(/^msg_/) },
      data: { sessionId: outbox.session.sessionId, messageId, status: 'failed', errorCode: code },
    };
    expect(plane.clients.framesOf(client)).toMatchObject(Array(times).fill(told));
  });

  it('fails in the end where its session never connects', async () => {
    await outbox.disconnect();
    const messageId = await accept('too late');
    outbox.delivery.clock.now += 8 * 24 * 3_600_000;
    await outbox.connect();
    await outbox.later(1_000_000);
    expect(outbox.worker.calls).toEqual([]);
    expect(await outbox.show(messageId)).toMatchObject({
      status: 'failed',
      errorCode: 'SESSION_NOT_CONNECTED',
    });
  });

  it('never leaves through a session that was made anew under its session’s name', async () => {
    await outbox.disconnect();
    await accept('to the old one');
    const { sessions } = outbox.deps.stores;
    expect(await sessions.bury(outbox.session)).toBeDefined();
    outbox.delivery.clock.now += 60_000;
    const { userId, sessionId, accountKey, name } = outbox.session;
    const again = { userId, sessionId, accountKey, name, slot: 'again', description: null };
    await outbox.connect(await sessions.create(again));
    await accept('to the new one');
    await outbox.drain();
    expect(outbox.texts).toEqual(['to the new one']);
  });
});

describe('a death on the way', () => {
  it.each(['dies before', 'dies after', 'pending'] as const)(
    'of the worker (%s) sends no message twice and loses none',
    async (fate) => {
      outbox.worker.fate((call) => (call === 1 ? fate : 'sent'));
      await accept('first');
      await accept('second');
      await outbox.drain();
      expect(outbox.texts).toContain('second');
      await outbox.later(61_000);
      await outbox.later(61_000);
      expect(outbox.texts.toSorted()).toEqual(['first', 'second']);
    },
  );

  it('of the worker’s machine holds the line, in its order', async () => {
    outbox.worker.fate((call) => (call <= 2 ? 'unreachable' : 'sent'));
    await accept('first');
    await accept('second');
    for (let round = 0; round < 4; round += 1) await outbox.later(95_000);
    expect(outbox.texts).toEqual(['first', 'second']);
  });

  it('of the dispatcher after its claim: the message goes out when the claim has ended', async () => {
    await accept('claimed');
    const workers = (() => ({ workerSend: death })) as unknown as Deps['workers'];
    const dying = dyingIn((stores) => ({ outbox: { ...stores.outbox, keep: death } }));
    await outbox.drainAfter({ ...dying, workers });
    expect(outbox.texts).toEqual([]);
    await outbox.later(91_000);
    expect(outbox.texts).toEqual(['claimed']);
  });

  it('of the dispatcher after sending, before writing: the worker is given the same id and drops it', async () => {
    const messageId = await accept('once');
    await outbox.drainAfter(dyingIn(({ messages }) => ({ messages: { ...messages, advance: death } })));
    await outbox.later(91_000);
    expect(outbox.worker.delivered).toHaveLength(1);
    expect(new Set(outbox.worker.calls)).toEqual(new Set([messageId]));
    expect((await outbox.show(messageId)).status).toBe('sent');
  });

  it('is none where the table does not take what became of a message: it is not handed over again', async () => {
    await accept('once');
    const { stores } = outbox.deps;
    let writes = 0;
    const messages: Deps['stores']['messages'] = {
      ...stores.messages,
      advance: (step) => {
        writes += 1;
        return writes === 1 ? stores.messages.advance(step) : death();
      },
    };
    outbox.deps.stores = { ...stores, messages };
    await outbox.drain().finally(() => {
      outbox.deps.stores = stores;
    });
    await outbox.later(91_000);
    expect([writes, outbox.worker.calls.length]).toEqual([2, 1]);
  });

  it('of the dispatcher before the place in line is free: nothing is sent again', async () => {
    await accept('once');
    await outbox.drainAfter(dyingIn((stores) => ({ outbox: { ...stores.outbox, leaveLine: death } })));
    await outbox.later(91_000);
    expect(outbox.worker.calls).toHaveLength(1);
  });

  it('of the request after acceptance, before the wake: the sweeper rings', async () => {
    const { queues } = outbox.deps;
    outbox.deps.queues = { ...queues, outbox: { send: death } };
    await accept('unheard');
    outbox.deps.queues = queues;
    await outbox.drain();
    expect(outbox.texts).toEqual([]);
    await outbox.later(31_000);
    expect(outbox.texts).toEqual(['unheard']);
  });

  it('and two dispatchers at once send each message once', async () => {
    const messages = Array.from({ length: 8 }, (_, index) => String(index));
    await bulk(messages);
    await outbox.drain(async (event) => {
      const both = await Promise.all([drainBatch(outbox.deps, event), drainBatch(outbox.deps, event)]);
      return both[0];
    });
    for (let round = 0; round < 3; round += 1) await outbox.later(91_000);
    expect(outbox.texts.toSorted()).toEqual(messages);
    expect(outbox.worker.calls).toHaveLength(8);
  });
});

describe('usage', () => {
  it('counts a message once, with its type, whoever is first to tell: the answer or the reports', async () => {
    const messageId = await accept('told by the answer');
    await outbox.drain();
    for (const status of ['sent', 'sent', 'delivered', 'delivered', 'read'])
      await outbox.report(messageId, status);
    outbox.worker.fate(() => 'dies after');
    const lost = await accept('told by the reports');
    await outbox.drain();
    await outbox.report(lost, 'sent');
    outbox.worker.fate(() => 'sent');
    await outbox.later(2 * 60_000);
    await outbox.report(lost, 'sent');
    const again = await outbox.counted();
    expect(again).toMatchObject({
      totals: { sent: 2, received: 0 },
      byType: { text: 2 },
      byStatus: { sent: 2, delivered: 1, read: 1 },
    });
  });

  it('counts a message once that is handed over again and again', async () => {
    outbox.worker.fate((call) => (call < 4 ? 'dies after' : 'sent'));
    await accept('again');
    await outbox.drain();
    for (let round = 0; round < 5; round += 1) await outbox.later(2 * 60_000);
    expect(outbox.worker.calls.length).toBe(4);
    expect((await outbox.counted()).totals.sent).toBe(1);
    expect((await outbox.counted()).byStatus).toEqual({ sent: 1 });
  });

  it('counts it once under an id of the worker’s own, and shows it under the accepted one', async () => {
    outbox.worker.renameMessages();
    const messageId = await accept('renamed');
    await outbox.drain();
    await outbox.report(`OWN-${messageId}`, 'delivered');
    expect((await outbox.counted()).totals.sent).toBe(1);
    expect((await outbox.show(messageId)).status).toBe('sent');
  });

  it('counts none that was cancelled or refused', async () => {
    outbox.worker.fate(() => 'SESSION_NOT_CONNECTED');
    const messageId = await accept('cancelled');
    await outbox.drain();
    expect((await cancel(messageId)).status).toBe(200);
    expect((await outbox.show(messageId)).status).toBe('cancelled');
    expect(await outbox.counted()).toMatchObject({ totals: { sent: 0 }, byType: {}, byStatus: {} });
  });
});
