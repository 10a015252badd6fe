import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorkerGateway } from '../../../functions/workers/calls/worker-gateway.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { SendAnswer } from '../../../shared/messages/schema.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import {
  type ControlPlane,
  startControlPlane,
  WORKER_TOKEN,
} from '../../../testing/control-plane/control-plane.ts';
import { type FakeWorker, refusedEndpoint } from '../../../testing/control-plane/fake-worker.ts';
import { connectedSession, connectedTenant, readSession } from '../../../testing/control-plane/scenario.ts';

let plane: ControlPlane;
let worker: FakeWorker;
let token: string;
let session: SessionItem;
beforeEach(async () => {
  plane = await startControlPlane();
  ({ token, session, worker } = await connectedTenant(plane));
});
afterEach(() => Promise.all([worker.close(), plane.close()]));

const text = { to: '+62 812-3456-7890', type: 'TEXT', message: 'hello' };
const send = (
  body: object = text,
  on: ControlPlane = plane,
  path = `/api/v1/sessions/${session.sessionId}/send`,
) => on.call<SendAnswer>('POST', path, { token, body });
const answered = (fields: object = {}, status = 200) => ({
  workerSend: (call: { body: Record<string, unknown> }) => ({
    status,
    data: {
      messageId: call.body['messageId'],
      status: 'sent',
      timestamp: '2026-01-01T00:00:00.000Z',
      ...fields,
    },
  }),
});
const record = (messageId: string) => plane.deps.stores.messages.get(session.sessionId, messageId);

describe('sending a message', () => {
  it('sending a message answers 200 once the worker says it is sent, under an id chosen before', async () => {
    worker.replies = answered();
    const { status, data } = await send();
    expect(status).toBe(200);
    expect(data).toMatchObject({
      status: 'sent',
      sessionId: session.sessionId,
      timestamp: '2026-01-01T00:00:00.000Z',
    });
    expect(data.messageId).toMatch(/^3EB0[0-9A-F]{36}$/);
    expect(worker.callsOf('workerSend')[0]?.body).toEqual({
      to: '6281234567890@s.whatsapp.net',
      type: 'text',
      message: 'hello',
      messageId: data.messageId,
      epoch: session.epoch,
    });
    expect((await record(data.messageId))?.timeline.map((step) => step.status)).toEqual(['pending', 'sent']);
  });

  it('sending a message hands on whether “typing…” is to be shown', async () => {
    worker.replies = answered();
    for (const typing of [true, false]) await send({ ...text, typing });
    expect(worker.callsOf('workerSend').map(({ body }) => body['typing'])).toEqual([true, false]);
    expect(await send({ ...text, typing: 'yes' })).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
  });

  it('sending a message works under the alias of older clients', async () => {
    worker.replies = answered();
    expect(await send(text, plane, `/api/sessions/${session.sessionId}/send`)).toMatchObject({ status: 200 });
  });

  it('sending a message answers 202 where WhatsApp has not acknowledged it yet', async () => {
    worker.replies = answered({ status: 'pending' }, 202);
    const { status, data } = await send();
    expect([status, data.status]).toEqual([202, 'pending']);
  });

  it('sending a message answers 202, never an error, when the worker breaks off: it may be on its way', async () => {
    worker.replies = { workerSend: 'break' };
    const { status, data } = await send();
    expect([status, data.status]).toEqual([202, 'pending']);
    expect(await record(data.messageId)).toMatchObject({ status: 'pending' });
  });

  it('sending a message answers 202 when the worker takes too long', async () => {
    const timedOut: typeof fetch = () => Promise.reject(new DOMException('too slow', 'TimeoutError'));
    const workers = createWorkerGateway({ workerTokens: () => [WORKER_TOKEN], fetch: timedOut });
    const slow = await startControlPlane({ workers });
    const tenant = await slow.signUp();
    const its = await connectedSession(slow, tenant.token, { workerId: 'w', endpoint: 'http://10.0.0.1:1' });
    const answer = await slow.call('POST', `/api/v1/sessions/${its.sessionId}/send`, {
      token: tenant.token,
      body: text,
    });
    expect(answer).toMatchObject({ status: 202, data: { status: 'pending' } });
    await slow.close();
  });

  it('sending a message answers 503 with Retry-After when the worker cannot be reached, and leaves the session as it is', async () => {
    const endpoint = refusedEndpoint();
    const { sessions } = plane.deps.stores;
    const moved = await sessions.assign(session, { workerId: 'gone', endpoint, generation: 1 });
    const before = await readSession(plane, session.sessionId);
    const answer = await send();
    expect(moved).toBeDefined();
    expect(answer).toMatchObject({ status: 503, code: 'WORKER_UNREACHABLE' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(await readSession(plane, session.sessionId)).toEqual(before);
  });

  it.each([
    ['SESSION_NOT_CONNECTED', 409, 'SESSION_NOT_CONNECTED'],
    ['MEDIA_UNAVAILABLE', 400, 'MEDIA_UNAVAILABLE'],
    ['MESSAGE_REJECTED', 409, 'MESSAGE_REJECTED'],
    ['STORAGE_UNAVAILABLE', 503, 'STORAGE_UNAVAILABLE'],
    ['SESSION_MOVING', 503, 'SESSION_MOVING'],
    ['STALE_OWNER', 503, 'SESSION_MOVING'],
    ['NOT_FOUND', 503, 'SESSION_MOVING'],
    ['SHUTTING_DOWN', 503, 'SESSION_MOVING'],
    ['UNAUTHORIZED', 502, 'WORKER_ERROR'],
    ['INTERNAL_ERROR', 502, 'WORKER_ERROR'],
  ] as const)('tells of the worker’s %s as %i %s', async (given, status, code) => {
    worker.replies = { workerSend: { code: given } };
    expect(await send()).toMatchObject({ status, code });
  });

  it('sending a message answers 202 to a worker’s own time-out', async () => {
    worker.replies = { workerSend: { code: 'WORKER_TIMEOUT' } };
    expect(await send()).toMatchObject({ status: 202, data: { status: 'pending' } });
  });

  describe('while what became of it cannot be written down', () => {
    /** A record is made, and nothing is written about it any more. */
    beforeEach(() => {
      const { stores } = plane.deps;
      const { advance } = stores.messages;
      let writes = 0;
      stores.messages = {
        ...stores.messages,
        advance: (step) => {
          writes += 1;
          if (writes === 1) return advance(step);
          return Promise.reject(new AppError('STORAGE_UNAVAILABLE', 'The table is away.'));
        },
      };
    });
    const keyed = { 'idempotency-key': 'once' };
    const sendOnce = () =>
      plane.call<SendAnswer>('POST', `/api/v1/sessions/${session.sessionId}/send`, {
        ...{ token, body: text, headers: keyed },
      });

    it.each([
      ['sent', 200],
      ['pending', 202],
    ] as const)(
      'a message that is %s is answered %i, never an error, and kept so under its key',
      async (told, status) => {
        worker.replies = answered({ status: told }, status);
        const first = await sendOnce();
        expect([first.status, first.data.status]).toEqual([status, told]);
        expect(first.data.messageId).toBe(worker.callsOf('workerSend')[0]?.body['messageId']);
        const again = await sendOnce();
        expect([again.status, again.data]).toEqual([status, first.data]);
        expect(worker.callsOf('workerSend')).toHaveLength(1);
      },
    );

    it('a refusal is told as it is', async () => {
      worker.replies = { workerSend: { code: 'MEDIA_UNAVAILABLE' } };
      expect(await send()).toMatchObject({ status: 400, code: 'MEDIA_UNAVAILABLE' });
    });
  });

  it.each([
    [[{ path: 'code', message: '463' }], '463'],
    [undefined, 'MESSAGE_REJECTED'],
  ])(
    'tells why WhatsApp refused a message as its worker does (%j), and records it by the same code',
    async (details, errorCode) => {
      worker.replies = { workerSend: { code: 'MESSAGE_REJECTED', details } };
      const { body } = await send();
      expect(body['details']).toEqual(details);
      const messageId = String(worker.callsOf('workerSend')[0]?.body['messageId']);
      expect(await record(messageId)).toMatchObject({ status: 'failed', error: 'No.', errorCode });
    },
  );

  it.each(['a text', [{ path: 1 }], Array(21).fill({ path: 'a', message: 'b' })])(
    'shows nothing of details that have not their form',
    async (details) => {
      worker.replies = { workerSend: { code: 'MESSAGE_REJECTED', details } };
      const { status, body } = await send();
      expect([status, Object.hasOwn(body, 'details')]).toEqual([409, false]);
    },
  );

  it('sending a message takes over the id of a worker that chooses its own', async () => {
    worker.replies = answered({ messageId: 'msg_12345' });
    expect((await send()).data.messageId).toBe('msg_12345');
    expect(await record('msg_12345')).toMatchObject({ status: 'sent' });
  });

  it('sending a message never moves a message back that was delivered before the answer came', async () => {
    worker.replies = answered();
    const { data } = await send();
    await plane.deps.stores.messages.advance({ ...data, status: 'read', at: data.timestamp });
    expect(await plane.deps.stores.messages.advance({ ...data, at: data.timestamp })).toBeUndefined();
  });

  it.each(['DISCONNECTED', 'RECONNECTING', 'LOGGED_OUT'] as const)(
    'is refused with 409 while the session is %s, and no worker is asked',
    async (status) => {
      await plane.deps.stores.sessions.settle(session, status);
      expect(await send()).toMatchObject({ status: 409, code: 'SESSION_NOT_CONNECTED' });
      expect(worker.calls).toEqual([]);
    },
  );

  it('sending a message from another tenant’s session is 404', async () => {
    const other = await plane.signUp();
    const path = `/api/v1/sessions/${session.sessionId}/send`;
    expect(await plane.call('POST', path, { token: other.token, body: text })).toMatchObject({ status: 404 });
  });

  it.each([
    { ...text, to: 'nobody' },
    { ...text, message: '' },
    { to: text.to, type: 'image' },
  ])('sending a message is refused with 400 where it makes no sense: %j', async (body) => {
    expect(await send(body)).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
  });
});
