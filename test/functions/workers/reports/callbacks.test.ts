import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { EVENTS } from '../../../../shared/events/registry.ts';
import { REPORTED_EVENTS } from '../../../../shared/events/worker-report.ts';
import type { SessionItem } from '../../../../shared/sessions/session-item.ts';
import {
  type ControlPlane,
  startControlPlane,
  WORKER_TOKEN,
} from '../../../../testing/control-plane/control-plane.ts';
import { createInstantQueue } from '../../../../testing/control-plane/instant-queue.ts';
import {
  connectedSession,
  createSession,
  listener,
  readSession,
} from '../../../../testing/control-plane/scenario.ts';
import { startWebhookReceiver } from '../../../../testing/harness/webhook-receiver.ts';

/** One report of each kind, as our worker makes it. */
const REPORTED = REPORTED_EVENTS.map((event) => {
  const declared = EVENTS.find(({ reports }) => reports.some((each) => each === event));
  if (declared === undefined) throw new Error(`nothing is made from ${event}`);
  const { sessionId: _, ...data } = declared.example as { sessionId: string };
  return { event, data };
});

let plane: ControlPlane;
let token: string;
let client: string;
let session: SessionItem;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.close());
beforeEach(async () => {
  token = (await plane.signUp()).token;
  const created = await readSession(plane, await createSession(plane, token));
  const owner = { workerId: 'w', endpoint: 'http://10.0.0.1:1', generation: 1 };
  const assigned = await plane.deps.stores.sessions.assign(created, owner, { desired: 'connected' });
  if (assigned === undefined) throw new Error('not assigned');
  session = assigned;
  client = await listener(plane, token);
});

const post = (path: string, body: object) =>
  plane.call<{ applied: boolean }>('POST', path, { token: WORKER_TOKEN, body });
const report = (fields: object) =>
  post('/api/v1/webhooks/session-status', { sessionId: session.sessionId, epoch: session.epoch, ...fields });
const frames = () => plane.clients.framesOf(client);

describe('a session report', () => {
  it('is written, then pushed with an id', async () => {
    expect((await report({ seq: 1, id: 'e1', status: 'connected', phoneNumber: '62812' })).data).toEqual({
      applied: true,
    });
    expect(await readSession(plane, session.sessionId)).toMatchObject({
      status: 'CONNECTED',
      phoneNumber: '+62812',
    });
    expect(frames()).toMatchObject([
      {
        event: 'session_status_update',
        type: 'session.status',
        id: expect.stringMatching(/^msg_/),
        data: { sessionId: session.sessionId, status: 'CONNECTED', phoneNumber: '+62812' },
      },
    ]);
  });

  it('repeated moves nothing and is pushed again with the same id', async () => {
    await report({ seq: 1, id: 'e1', status: 'connected' });
    const before = await readSession(plane, session.sessionId);
    expect((await report({ seq: 1, id: 'e1', status: 'connected' })).data).toEqual({ applied: false });
    expect(await readSession(plane, session.sessionId)).toEqual(before);
    const [first, second, ...more] = frames();
    expect(more).toEqual([]);
    expect(second).toEqual(first);
  });

  it('without an id gets the same one on each delivery', async () => {
    const body = { status: 'connected', timestamp: '2026-01-01T00:00:00Z', epoch: undefined };
    await report(body);
    await report(body);
    const [first, second] = frames();
    expect(first?.id).toMatch(/^msg_/);
    expect(second?.id).toBe(first?.id);
  });

  it('of an older owner is 409 STALE_OWNER, and nobody hears of it', async () => {
    expect(await report({ epoch: 0, seq: 9, status: 'error' })).toMatchObject({
      status: 409,
      code: 'STALE_OWNER',
    });
    expect(frames()).toEqual([]);
  });

  it('of a session that does not exist is 409 STALE_OWNER', async () => {
    const answer = await post('/api/v1/webhooks/session-status', {
      sessionId: 'nothing',
      status: 'connected',
    });
    expect(answer).toMatchObject({ status: 409, code: 'STALE_OWNER' });
  });

  it('with a QR shows it, the picture drawn where the worker sent only the text', async () => {
    const qrExpiresAt = new Date(plane.clock.now + 20_000).toISOString();
    await report({ seq: 1, id: 'q', status: 'qr_required', qrString: '2@abc', qrExpiresAt });
    expect(frames()).toMatchObject([
      {
        event: 'qr_code_update',
        data: {
          qrString: '2@abc',
          qrCode: expect.stringMatching(/^data:image\/png/),
          status: 'qr_required',
          sessionStatus: 'QR_REQUIRED',
          expiresAt: qrExpiresAt,
        },
      },
      { event: 'session_status_update', data: { status: 'QR_REQUIRED' } },
    ]);
  });

  it.each([
    [
      'flat',
      (sessionId: string) => ({
        sessionId,
        status: 'error',
        error: 'Connection failed',
        timestamp: '2024-01-15T10:30:00Z',
      }),
    ],
    [
      'in an envelope',
      (sessionId: string) => ({
        event: 'status',
        sessionId,
        workerId: 'w',
        timestamp: '2024-01-15T10:30:00.000Z',
        data: { status: 'error', error: 'Connection failed' },
      }),
    ],
  ])('of a worker without epochs is taken %s', async (_, body) => {
    expect(await post('/api/webhooks/session-status', body(session.sessionId))).toMatchObject({
      status: 200,
    });
    expect(await readSession(plane, session.sessionId)).toMatchObject({
      status: 'ERROR',
      error: 'Connection failed',
    });
  });

  it('that cannot be written is 503, and is not pushed: the worker sends it again', async () => {
    const applying = vi
      .spyOn(plane.deps.stores.sessions, 'applyReport')
      .mockRejectedValue(new AppError('STORAGE_UNAVAILABLE', 'Not now.'));
    expect(await report({ seq: 1, status: 'connected' })).toMatchObject({
      status: 503,
      code: 'STORAGE_UNAVAILABLE',
    });
    expect(frames()).toEqual([]);
    applying.mockRestore();
  });

  it('is taken even where no client can be reached', async () => {
    const posting = vi.spyOn(plane.clients.poster, 'post').mockRejectedValue(new Error('no route'));
    expect(await report({ seq: 1, status: 'connected' })).toMatchObject({
      status: 200,
      data: { applied: true },
    });
    posting.mockRestore();
  });

  it('costs one read and one write of the session', async () => {
    const reading = vi.spyOn(plane.deps.stores.sessions, 'get');
    const writing = vi.spyOn(plane.local.table, 'update');
    await report({ seq: 1, status: 'connected' });
    const written = writing.mock.calls.filter(([{ pk }]) => pk.startsWith('SESSION#'));
    expect([reading.mock.calls.length, written.length]).toEqual([1, 1]);
  });
});

describe('a message report', () => {
  const messageReport = (fields: object) =>
    post('/api/v1/webhooks/message-status', { sessionId: session.sessionId, messageId: 'm1', ...fields });

  it('moves the message forward only, and is pushed each time', async () => {
    expect((await messageReport({ id: 'd', status: 'delivered', epoch: 1, seq: 2 })).data).toEqual({
      applied: true,
    });
    expect((await messageReport({ id: 's', status: 'sent', epoch: 1, seq: 1 })).data).toEqual({
      applied: false,
    });
    expect(frames()).toMatchObject([
      { event: 'message_status_update', data: { messageId: 'm1', status: 'delivered' } },
      { event: 'message_status_update', data: { messageId: 'm1', status: 'sent' } },
    ]);
    expect(await plane.deps.stores.messages.get(session.sessionId, 'm1')).toMatchObject({
      status: 'delivered',
    });
  });

  it('in an envelope is taken like a flat one', async () => {
    const body = {
      event: 'message_status',
      workerId: 'w',
      data: { messageId: 'm1', status: 'delivered', to: '62@s.whatsapp.net' },
    };
    const answer = await post('/api/v1/webhooks/message-status', { sessionId: session.sessionId, ...body });
    expect(answer).toMatchObject({ status: 200, data: { applied: true } });
  });

  it('of an older owner is 409 STALE_OWNER', async () => {
    expect(await messageReport({ status: 'read', epoch: 0 })).toMatchObject({
      status: 409,
      code: 'STALE_OWNER',
    });
  });
});

describe('worker events', () => {
  const events = (body: object) => post('/api/v1/workers/w/events', body);
  const received = (id: string, fields: object = {}) => ({
    event: 'message_received',
    id,
    sessionId: session.sessionId,
    epoch: session.epoch,
    data: { id: `wa-${id}`, chatId: '62@s.whatsapp.net', type: 'text', content: 'hi' },
    ...fields,
  });

  it('in a batch reach the session’s clients in order', async () => {
    const answer = await events({ events: [received('1'), received('2'), { event: 'worker_started' }] });
    expect(answer).toMatchObject({ status: 200, data: { received: 3 } });
    expect(frames()).toMatchObject([
      {
        event: 'message_received',
        type: 'message.received',
        data: { sessionId: session.sessionId, id: 'wa-1', content: 'hi' },
      },
      { event: 'message_received', data: { id: 'wa-2' } },
    ]);
  });

  it('of an older owner are 409 STALE_OWNER', async () => {
    expect(await events(received('1', { epoch: 0 }))).toMatchObject({ status: 409, code: 'STALE_OWNER' });
    expect(frames()).toEqual([]);
  });

  it('of every kind that tenants are told of reach webhooks and clients alike, under one id', async () => {
    const { url, received: posted, next, close } = await startWebhookReceiver();
    const body = { url, events: ['*'] };
    expect((await plane.call('POST', '/api/v1/webhooks', { token, body })).status).toBe(201);
    plane.deps.queues = { ...plane.deps.queues, deliveries: createInstantQueue(() => plane.deps) };
    for (const [seq, report] of REPORTED.entries())
      await events({ ...report, id: `all-${seq}`, sessionId: session.sessionId, epoch: session.epoch });
    await post('/api/v1/webhooks/message-status', {
      ...{ sessionId: session.sessionId, messageId: 'm1', id: 'all-status', status: 'failed' },
    });
    await next(({ type, data }) => type === 'message.failed' && data['messageId'] === 'm1');
    await close();
    const shown = ({ id, type, data }: { id?: string; type?: string; data: object }) => ({ id, type, data });
    expect(frames().map(shown)).toEqual(posted.map(shown));
    expect(posted.map(({ type }) => type)).toEqual([
      ...REPORTED.map(({ event }) => event.replace('_', '.')),
      'message.failed',
    ]);
  });

  it('too large for a frame are cut down to what they can be fetched by', async () => {
    const data = { id: 'big', chatId: 'c', content: 'x'.repeat(150_000) };
    await events(received('1', { data }));
    expect(frames()).toMatchObject([
      { data: { sessionId: session.sessionId, id: 'big', chatId: 'c', truncated: true } },
    ]);
    expect(frames()[0]?.data['content']).toBe('x'.repeat(1_000));
  });

  it('about a session’s status are recorded, not fanned out', async () => {
    await events({
      event: 'session_status_changed',
      sessionId: session.sessionId,
      data: { status: 'connected' },
    });
    expect(frames()).toEqual([]);
    expect(await readSession(plane, session.sessionId)).toMatchObject({ status: 'DISCONNECTED' });
  });

  it('of sessions and of the worker itself stand in the log, with nothing but ids, statuses and codes', async () => {
    const lines: string[] = [];
    const before = plane.deps.log;
    plane.deps.log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) });
    const { sessionId, epoch } = session;
    const answer = await events({
      events: [
        {
          event: 'session_qr_ready',
          id: 'e1',
          sessionId,
          epoch,
          data: { qrString: 'secret', status: 'secret' },
        },
        { event: 'session_disconnected', id: 'e2', sessionId, epoch, data: { status: 'disconnected' } },
        { event: 'worker_error', id: 'e3', data: { message: 'secret', errorCode: 'OUT_OF_MEMORY' } },
        received('e4', { data: { id: 'wa-1', content: 'secret' } }),
      ],
    });
    plane.deps.log = before;
    expect(answer.status).toBe(200);
    const told = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'worker event');
    expect(told).toMatchObject([
      { level: 30, workerId: 'w', event: 'session_qr_ready', id: 'e1', sessionId },
      {
        level: 30,
        workerId: 'w',
        event: 'session_disconnected',
        id: 'e2',
        sessionId,
        status: 'DISCONNECTED',
      },
      { level: 40, workerId: 'w', event: 'worker_error', id: 'e3', errorCode: 'OUT_OF_MEMORY' },
    ]);
    expect(lines.join('')).not.toContain('secret');
  });

  it('confirm the purge of a deleted session', async () => {
    const connected = await connectedSession(
      plane,
      token,
      { workerId: 'w', endpoint: 'http://10.0.0.1:1' },
      'other',
    );
    const buried = await plane.deps.stores.sessions.bury(connected);
    await events({ event: 'session_deleted', sessionId: connected.sessionId, epoch: buried?.epoch });
    expect(await plane.deps.stores.sessions.listIdsOfWorker('w')).not.toContain(connected.sessionId);
  });
});
