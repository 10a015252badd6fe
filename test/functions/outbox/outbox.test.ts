import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Deps } from '../../../functions/deps.ts';
import { drainBatch } from '../../../functions/outbox/outbox-function.ts';
import { sweepOutbox } from '../../../functions/outbox/sweep-outbox.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import { summarizeMessages } from '../../../shared/usage/summarize.ts';
import { type DeliveryFixture, startDelivery } from '../delivery/delivery-fixture.ts';
import { pumpOnce } from '../delivery/pump-once.ts';
import { WORKER_TOKEN } from '../testing/control-plane.ts';
import { createFakeWorker, type FakeWorker } from './fake-worker.ts';

let fixture: DeliveryFixture;
let worker: FakeWorker;
let token: string;
let session: SessionItem;
let names = 0;

beforeAll(async () => {
  fixture = await startDelivery();
});
afterAll(() => fixture.close());
/** What one test has left in the queue is not the next one's. */
afterEach(() => drain());
beforeEach(async () => {
  worker = createFakeWorker();
  fixture.deps.workers = worker.gateway;
  const tenant = await fixture.plane.signUp('MAX');
  token = tenant.token;
  session = await connect(await createSession(tenant.userId));
});

async function createSession(userId: string): Promise<SessionItem> {
  names += 1;
  const name = `line ${names}`;
  const created = await fixture.deps.stores.sessions.create({
    ...{ sessionId: `${userId}-line-${names}`, userId, accountKey: 'unused', slot: name, name },
    description: null,
  });
  if (created === undefined) throw new Error('the session exists');
  return created;
}

async function connect(item: SessionItem): Promise<SessionItem> {
  const owner = { workerId: 'worker-1', endpoint: 'http://127.0.0.1:1', generation: 1 };
  const { sessions } = fixture.deps.stores;
  const assigned = await sessions.assign(item, owner, { desired: 'connected', status: 'CONNECTED' });
  if (assigned === undefined) throw new Error('the session was not assigned');
  return assigned;
}

async function disconnect(item: SessionItem): Promise<SessionItem> {
  const after = await fixture.deps.stores.sessions.settle(item, 'DISCONNECTED');
  if (after === undefined) throw new Error('the session has changed');
  return after;
}

const path = (rest: string) => `/api/v1/sessions/${session.sessionId}${rest}`;
const text = (message: string, more: object = {}) => ({
  to: '+62 812-3456-7890',
  type: 'text',
  message,
  ...more,
});

interface Shown {
  messageId: string;
  status: string;
  timeline: { status: string }[];
  errorCode: string | null;
}

async function accept(message: string, more: object = {}): Promise<string> {
  const answer = await fixture.plane.call('POST', path('/send'), {
    token,
    body: text(message, { async: true, ...more }),
  });
  expect(answer.status).toBe(202);
  const { messageId, status } = answer.body.data as unknown as Shown;
  expect(status).toBe('pending');
  return messageId;
}

/** As its tenant sees it; with a fresh login, since some tests take days. */
async function show(messageId: string): Promise<Shown> {
  const account = await fixture.deps.stores.accounts.findByUserId(session.userId);
  if (account === undefined) throw new Error('there is no account');
  const { accessToken } = await fixture.deps.accessTokens.issue(account);
  const { body } = await fixture.plane.call('GET', path(`/messages/${messageId}`), { token: accessToken });
  return body.data as unknown as Shown;
}

/** Lets every ring be answered. */
async function drain(
  handle: (event: SQSEvent) => Promise<SQSBatchResponse> = (event) => drainBatch(fixture.deps, event),
): Promise<void> {
  const queueUrl = fixture.queues.urls.outbox;
  while ((await fixture.queues.sizeOf(queueUrl)) > 0)
    await pumpOnce({ client: fixture.queues.client, queueUrl, handle });
}

async function later(ms: number): Promise<void> {
  fixture.clock.now += ms;
  await sweepOutbox(fixture.deps);
  await drain();
}

const texts = () => worker.delivered.map((each) => each.text);
const dying = (more: (deps: Deps) => Partial<Deps>): Deps => ({ ...fixture.deps, ...more(fixture.deps) });
const death = async (): Promise<never> => {
  throw new Error('the process died here');
};

describe('an async send', () => {
  it('is accepted at once, sent once, and has a timeline', async () => {
    const messageId = await accept('hello');
    expect((await show(messageId)).status).toBe('pending');
    await drain();
    expect(worker.delivered).toMatchObject([{ messageId, text: 'hello' }]);
    const shown = await show(messageId);
    expect([shown.status, shown.timeline.map(({ status }) => status)]).toEqual(['sent', ['pending', 'sent']]);
  });

  it('waits without burning retries while its session is offline, and leaves when that connects', async () => {
    session = await disconnect(session);
    await accept('one');
    await accept('two');
    expect(await fixture.queues.sizeOf(fixture.queues.urls.outbox)).toBe(0);
    await later(3_600_000);
    expect(worker.calls).toEqual([]);
    session = await connect(session);
    const report = { sessionId: session.sessionId, status: 'connected', epoch: session.epoch, seq: 1 };
    const reported = await fixture.plane.call('POST', '/api/v1/webhooks/session-status', {
      token: 'worker-token-of-the-tests',
      body: report,
    });
    expect(reported.status).toBe(200);
    await drain();
    expect(texts()).toEqual(['one', 'two']);
  });

  it('keeps a session’s order, in bulk too', async () => {
    const messages = ['a', 'b', 'c', 'd', 'e'].map((each) => text(each));
    const answer = await fixture.plane.call('POST', path('/send/bulk'), { token, body: { messages } });
    expect(answer.status).toBe(202);
    expect((answer.body.data as unknown as { messages: Shown[] }).messages).toHaveLength(5);
    await drain();
    expect(texts()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('leaves at its session’s pace', async () => {
    const messages = Array.from({ length: 25 }, (_, index) => text(String(index)));
    await fixture.plane.call('POST', path('/send/bulk'), { token, body: { messages } });
    await drain();
    const atOnce = worker.delivered.length;
    expect(atOnce).toBeLessThanOrEqual(15);
    await later(5_000);
    expect(worker.delivered.length).toBeGreaterThan(atOnce);
    expect(worker.delivered.length).toBeLessThan(25);
    for (let round = 0; round < 10; round += 1) await later(5_000);
    expect(texts()).toEqual(messages.map(({ message }) => message));
  });

  it('goes out at its time, not before', async () => {
    const scheduledAt = new Date(fixture.clock.now + 7_200_000).toISOString();
    const messageId = await accept('later', { scheduledAt });
    await accept('now');
    await drain();
    await later(7_100_000);
    expect(texts()).toEqual(['now']);
    await later(200_000);
    expect(texts()).toEqual(['now', 'later']);
    expect((await show(messageId)).status).toBe('sent');
  });

  it('can be cancelled while it waits, once', async () => {
    const scheduledAt = new Date(fixture.clock.now + 60_000).toISOString();
    const messageId = await accept('never', { scheduledAt });
    await accept('sent');
    await drain();
    const cancelled = await fixture.plane.call('DELETE', path(`/messages/${messageId}`), { token });
    expect([cancelled.status, (cancelled.body.data as unknown as Shown).status]).toEqual([200, 'cancelled']);
    expect((await fixture.plane.call('DELETE', path(`/messages/${messageId}`), { token })).status).toBe(200);
    expect((await fixture.plane.call('DELETE', path('/messages/none'), { token })).status).toBe(404);
    await later(120_000);
    expect(texts()).toEqual(['sent']);
    expect((await show(messageId)).status).toBe('cancelled');
  });

  it('of another tenant is unknown', async () => {
    const messageId = await accept('mine');
    const other = await fixture.plane.signUp();
    for (const method of ['GET', 'DELETE'])
      expect(
        (await fixture.plane.call(method, path(`/messages/${messageId}`), { token: other.token })).status,
      ).toBe(404);
  });

  it('that is too large for the outbox is refused, not lost', async () => {
    const media = `data:image/png;base64,${'A'.repeat(400_000)}`;
    const body = { to: '6281234567890', type: 'image', media, async: true };
    const answer = await fixture.plane.call('POST', path('/send'), { token, body });
    expect([answer.status, answer.body.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  it('that the worker refuses for good has failed, and lets the next one pass', async () => {
    worker.fate((call) => (call === 1 ? 'MEDIA_UNAVAILABLE' : 'sent'));
    const messageId = await accept('bad');
    await accept('good');
    await drain();
    expect(await show(messageId)).toMatchObject({ status: 'failed', errorCode: 'MEDIA_UNAVAILABLE' });
    expect(texts()).toEqual(['good']);
  });

  it('fails in the end where its session never connects', async () => {
    session = await disconnect(session);
    const messageId = await accept('too late');
    fixture.clock.now += 8 * 24 * 3_600_000;
    session = await connect(session);
    await later(1_000_000);
    expect(worker.calls).toEqual([]);
    expect(await show(messageId)).toMatchObject({ status: 'failed', errorCode: 'SESSION_NOT_CONNECTED' });
  });

  it('never leaves through a session that was made anew under its session’s name', async () => {
    session = await disconnect(session);
    await accept('to the old one');
    const buried = await fixture.deps.stores.sessions.bury(session);
    if (buried === undefined) throw new Error('not buried');
    fixture.clock.now += 60_000;
    const { userId, sessionId, accountKey, name } = session;
    const again = { userId, sessionId, accountKey, name, slot: 'again', description: null };
    const created = await fixture.deps.stores.sessions.create(again);
    if (created === undefined) throw new Error('not created');
    session = await connect(created);
    await accept('to the new one');
    await drain();
    expect(texts()).toEqual(['to the new one']);
  });
});

describe('a death on the way', () => {
  it.each(['dies before', 'dies after', 'pending'] as const)(
    'of the worker (%s) sends no message twice and loses none',
    async (fate) => {
      worker.fate((call) => (call === 1 ? fate : 'sent'));
      await accept('first');
      await accept('second');
      await drain();
      expect(texts()).toContain('second');
      await later(61_000);
      await later(61_000);
      expect(texts().toSorted()).toEqual(['first', 'second']);
    },
  );

  it('of the worker’s machine holds the line, in its order', async () => {
    worker.fate((call) => (call <= 2 ? 'unreachable' : 'sent'));
    await accept('first');
    await accept('second');
    for (let round = 0; round < 4; round += 1) await later(95_000);
    expect(texts()).toEqual(['first', 'second']);
  });

  it('of the dispatcher after its claim: the message goes out when the claim has ended', async () => {
    await accept('claimed');
    const deps = dying(() => ({ workers: (() => ({ workerSend: death })) as unknown as Deps['workers'] }));
    const { outbox } = deps.stores;
    const dead = { ...deps, stores: { ...deps.stores, outbox: { ...outbox, moveBack: death } } };
    let died = false;
    await drain(async (event) => {
      if (died) return await drainBatch(fixture.deps, event);
      died = true;
      return await drainBatch(dead, event);
    });
    expect(texts()).toEqual([]);
    await later(91_000);
    expect(texts()).toEqual(['claimed']);
  });

  it('of the dispatcher after sending, before writing: the worker is given the same id and drops it', async () => {
    const messageId = await accept('once');
    const deps = dying(({ stores }) => ({
      stores: { ...stores, messages: { ...stores.messages, advance: death } },
    }));
    let died = false;
    await drain(async (event) => {
      if (died) return await drainBatch(fixture.deps, event);
      died = true;
      return await drainBatch(deps, event);
    });
    await later(91_000);
    expect(worker.delivered).toHaveLength(1);
    expect(new Set(worker.calls)).toEqual(new Set([messageId]));
    expect((await show(messageId)).status).toBe('sent');
  });

  it('of the dispatcher before the place in line is free: nothing is sent again', async () => {
    await accept('once');
    const deps = dying(({ stores }) => ({
      stores: { ...stores, outbox: { ...stores.outbox, leaveLine: death } },
    }));
    let died = false;
    await drain(async (event) => {
      if (died) return await drainBatch(fixture.deps, event);
      died = true;
      return await drainBatch(deps, event);
    });
    await later(91_000);
    expect(worker.calls).toHaveLength(1);
  });

  it('of the request after acceptance, before the ring: the sweeper rings', async () => {
    const { queues } = fixture.deps;
    fixture.deps.queues = { ...queues, outbox: { send: death } };
    await accept('unheard');
    fixture.deps.queues = queues;
    await drain();
    expect(texts()).toEqual([]);
    await later(31_000);
    expect(texts()).toEqual(['unheard']);
  });

  it('and two dispatchers at once send each message once', async () => {
    const messages = Array.from({ length: 8 }, (_, index) => text(String(index)));
    await fixture.plane.call('POST', path('/send/bulk'), { token, body: { messages } });
    await drain(async (event) => {
      const both = await Promise.all([drainBatch(fixture.deps, event), drainBatch(fixture.deps, event)]);
      return both[0];
    });
    for (let round = 0; round < 3; round += 1) await later(91_000);
    expect(texts().toSorted()).toEqual(messages.map(({ message }) => message));
    expect(worker.calls).toHaveLength(8);
  });
});

describe('usage', () => {
  const report = (messageId: string, status: string) =>
    fixture.plane.call('POST', '/api/v1/webhooks/message-status', {
      token: WORKER_TOKEN,
      body: { sessionId: session.sessionId, epoch: session.epoch, messageId, status },
    });
  const counted = async () => {
    const day = new Date(fixture.clock.now).toISOString().slice(0, 10);
    const items = await fixture.deps.stores.usage.list(session.userId, { from: day, to: day });
    return summarizeMessages(items, { from: day, to: day });
  };

  it('counts a message once, with its type, whoever is first to tell: the answer or the reports', async () => {
    const messageId = await accept('told by the answer');
    await drain();
    for (const status of ['sent', 'sent', 'delivered', 'delivered', 'read']) await report(messageId, status);
    worker.fate(() => 'dies after');
    const lost = await accept('told by the reports');
    await drain();
    await report(lost, 'sent');
    worker.fate(() => 'sent');
    await later(2 * 60_000);
    await report(lost, 'sent');
    const again = await counted();
    expect(again).toMatchObject({
      totals: { sent: 2, received: 0 },
      byType: { text: 2 },
      byStatus: { sent: 2, delivered: 1, read: 1 },
    });
  });

  it('counts a message once that is handed over again and again', async () => {
    worker.fate((call) => (call < 4 ? 'dies after' : 'sent'));
    await accept('again');
    await drain();
    for (let round = 0; round < 5; round += 1) await later(2 * 60_000);
    expect(worker.calls.length).toBe(4);
    expect((await counted()).totals.sent).toBe(1);
    expect((await counted()).byStatus).toEqual({ sent: 1 });
  });

  it('counts it once under an id of the worker’s own, and shows it under the accepted one', async () => {
    worker.renameMessages();
    const messageId = await accept('renamed');
    await drain();
    await report(`OWN-${messageId}`, 'delivered');
    expect((await counted()).totals.sent).toBe(1);
    expect((await show(messageId)).status).toBe('sent');
  });

  it('counts none that was cancelled or refused', async () => {
    worker.fate(() => 'SESSION_NOT_CONNECTED');
    const messageId = await accept('cancelled');
    await drain();
    expect((await fixture.plane.call('DELETE', path(`/messages/${messageId}`), { token })).status).toBe(200);
    expect((await show(messageId)).status).toBe('cancelled');
    expect(await counted()).toMatchObject({ totals: { sent: 0 }, byType: {}, byStatus: {} });
  });
});
