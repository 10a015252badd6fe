import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createWorkerGateway } from '../../../functions/workers/calls/worker-gateway.ts';
import type { ConnectAnswer } from '../../../shared/sessions/schema.ts';
import {
  type ControlPlane,
  startControlPlane,
  WORKER_TOKEN,
} from '../../../testing/control-plane/control-plane.ts';
import {
  type FakeWorker,
  refusedEndpoint,
  startFakeWorker,
  workerSession,
} from '../../../testing/control-plane/fake-worker.ts';
import {
  connectedSession,
  createSession,
  readSession,
  registerWorker,
} from '../../../testing/control-plane/scenario.ts';

let plane: ControlPlane;
let a: FakeWorker;
let b: FakeWorker;
let token: string;
beforeEach(async () => {
  plane = await startControlPlane();
  [a, b] = await Promise.all([startFakeWorker(), startFakeWorker()]);
  token = (await plane.signUp()).token;
});
afterEach(() => Promise.all([a.close(), b.close(), plane.close()]));

const connect = (sessionId: string) =>
  plane.call<ConnectAnswer>('POST', `/api/v1/sessions/${sessionId}/connect`, { token });
const started = (status: string, more: object = {}) => ({
  workerStartSession: (call: { body: Record<string, unknown> }) =>
    workerSession(String(call.body['sessionId']), status, more),
});
/** Both workers are there, the first one preferred. */
async function registerBoth(first = a.endpoint): Promise<void> {
  await registerWorker(plane, { workerId: 'a', endpoint: first });
  await registerWorker(plane, { workerId: 'b', endpoint: b.endpoint });
}

describe('connecting a session', () => {
  it('places it on a worker and answers with the first QR', async () => {
    await registerWorker(plane, { workerId: 'a', endpoint: a.endpoint });
    a.replies = started('qr_required', { qrString: '2@abc' });
    const sessionId = await createSession(plane, token);
    const { status, data } = await connect(sessionId);
    expect(status).toBe(200);
    expect(data).toMatchObject({ sessionId, status: 'QR_REQUIRED', qrString: '2@abc' });
    expect(data.qrCode).toMatch(/^data:image\/png;base64,/);
    const [call] = a.callsOf('workerStartSession');
    expect(call?.body).toMatchObject({ sessionId, epoch: 1, sessionName: 'Phone' });
    expect(call?.headers.authorization).toBe(`Bearer ${WORKER_TOKEN}`);
    expect(await readSession(plane, sessionId)).toMatchObject({
      workerId: 'a',
      epoch: 1,
      desired: 'connected',
    });
  });

  it('carries the request id to the worker', async () => {
    await registerWorker(plane, { workerId: 'a', endpoint: a.endpoint });
    a.replies = started('connecting');
    const sessionId = await createSession(plane, token);
    const headers = { 'x-request-id': 'mine-7' };
    await plane.call('POST', `/api/v1/sessions/${sessionId}/connect`, { token, headers });
    expect(a.callsOf('workerStartSession')[0]?.headers['x-request-id']).toBe('mine-7');
  });

  it('answers 503 with Retry-After when there is no worker, and leaves the session as it was', async () => {
    const sessionId = await createSession(plane, token);
    const before = await readSession(plane, sessionId);
    const answer = await connect(sessionId);
    expect(answer).toMatchObject({ status: 503, code: 'NO_WORKER_AVAILABLE' });
    expect(answer.headers['retry-after']).toBe('5');
    expect(await readSession(plane, sessionId)).toEqual(before);
  });

  it.each(['WORKER_FULL', 'SHUTTING_DOWN', 'STORAGE_UNAVAILABLE'] as const)(
    'goes on to the next worker after %s',
    async (code) => {
      await registerBoth();
      a.replies = { workerStartSession: { code } };
      b.replies = started('qr_required', { qrString: 'x' });
      const sessionId = await createSession(plane, token);
      expect(await connect(sessionId)).toMatchObject({ status: 200 });
      expect(await readSession(plane, sessionId)).toMatchObject({ workerId: 'b', epoch: 2 });
    },
  );

  it('goes on to the next worker when the first refuses the connection', async () => {
    await registerBoth(refusedEndpoint());
    b.replies = started('qr_required', { qrString: 'x' });
    const sessionId = await createSession(plane, token);
    expect(await connect(sessionId)).toMatchObject({ status: 200 });
    expect(await readSession(plane, sessionId)).toMatchObject({ workerId: 'b' });
  });

  it.each([
    ['WORKER_FULL', 'NO_WORKER_AVAILABLE', /has room/],
    ['STORAGE_UNAVAILABLE', 'STORAGE_UNAVAILABLE', /^No\.$/],
    ['SHUTTING_DOWN', 'NO_WORKER_AVAILABLE', /could take/],
  ] as const)('says what is so where the only worker refuses with %s', async (given, code, sentence) => {
    await registerWorker(plane, { workerId: 'a', endpoint: a.endpoint });
    a.replies = { workerStartSession: { code: given } };
    const sessionId = await createSession(plane, token);
    expect((await connect(sessionId)).body).toMatchObject({ code, error: expect.stringMatching(sentence) });
    expect(await readSession(plane, sessionId)).toMatchObject({ status: 'DISCONNECTED' });
  });

  it('says that no worker could take it where the only one cannot be reached', async () => {
    await registerWorker(plane, { workerId: 'a', endpoint: refusedEndpoint() });
    const { body } = await connect(await createSession(plane, token));
    expect(body).toMatchObject({ code: 'NO_WORKER_AVAILABLE', error: expect.stringMatching(/could take/) });
  });

  it('answers 503 when every worker is full, with the session DISCONNECTED and nobody’s', async () => {
    await registerBoth();
    a.replies = { workerStartSession: { code: 'WORKER_FULL' } };
    b.replies = { workerStartSession: { code: 'WORKER_FULL' } };
    const sessionId = await createSession(plane, token);
    expect(await connect(sessionId)).toMatchObject({ status: 503, code: 'NO_WORKER_AVAILABLE' });
    const session = await readSession(plane, sessionId);
    expect(session).toMatchObject({ status: 'DISCONNECTED', desired: 'disconnected' });
    expect(session.workerId).toBeUndefined();
  });

  it('answers 202 and tries no other worker when the first breaks off without an answer', async () => {
    await registerBoth();
    a.replies = { workerStartSession: 'break' };
    const sessionId = await createSession(plane, token);
    expect(await connect(sessionId)).toMatchObject({ status: 202, data: { status: 'INITIALIZING' } });
    expect(b.calls).toEqual([]);
    expect(await readSession(plane, sessionId)).toMatchObject({ workerId: 'a', desired: 'connected' });
  });

  it('leaves a connected session alone', async () => {
    await registerWorker(plane, { workerId: 'a', endpoint: a.endpoint });
    const { sessionId } = await connectedSession(plane, token, { workerId: 'a', endpoint: a.endpoint });
    expect(await connect(sessionId)).toMatchObject({ status: 200, data: { sessionId, status: 'CONNECTED' } });
    expect(a.calls).toEqual([]);
  });

  it('tells the live owner of a session, under its epoch and a new rev', async () => {
    await registerBoth();
    a.replies = started('qr_required');
    const sessionId = await createSession(plane, token);
    await connect(sessionId);
    const { rev } = await readSession(plane, sessionId);
    a.replies = { workerConnectSession: workerSession(sessionId, 'connecting') };
    expect(await connect(sessionId)).toMatchObject({ status: 200, data: { status: 'CONNECTING' } });
    expect(a.callsOf('workerConnectSession')[0]?.body).toEqual({ generation: 1, epoch: 1, rev: rev + 1 });
  });

  it('moves an unlinked session whose owner refuses connections', async () => {
    await registerBoth();
    a.replies = started('qr_required');
    const sessionId = await createSession(plane, token);
    await connect(sessionId);
    await a.close();
    b.replies = started('qr_required');
    expect(await connect(sessionId)).toMatchObject({ status: 200 });
    expect(await readSession(plane, sessionId)).toMatchObject({ workerId: 'b', epoch: 2 });
    a = await startFakeWorker();
  });

  it('does not move a linked session off an owner whose lease lasts', async () => {
    await registerBoth();
    const { sessionId, ...session } = await connectedSession(plane, token, {
      workerId: 'a',
      endpoint: refusedEndpoint(),
    });
    await plane.deps.stores.sessions.settle({ sessionId, ...session }, 'RECONNECTING');
    expect(await connect(sessionId)).toMatchObject({ status: 202 });
    expect(await readSession(plane, sessionId)).toMatchObject({ workerId: 'a', epoch: 1 });
  });

  it('fences an owner whose lease is over, and places the session elsewhere', async () => {
    await registerWorker(plane, { workerId: 'a', endpoint: a.endpoint });
    const session = await connectedSession(plane, token, { workerId: 'a', endpoint: a.endpoint });
    await plane.deps.stores.sessions.settle(session, 'RECONNECTING');
    plane.clock.now += 101_000;
    await registerWorker(plane, { workerId: 'b', endpoint: b.endpoint });
    b.replies = started('connected');
    expect(await connect(session.sessionId)).toMatchObject({ status: 200, data: { status: 'CONNECTED' } });
    expect(await readSession(plane, session.sessionId)).toMatchObject({ workerId: 'b', epoch: 2 });
    expect(await plane.deps.stores.workers.get('a')).toMatchObject({ status: 'OFFLINE', generation: 2 });
  });

  it('creates, then connects, on a worker that knows no /start', async () => {
    await registerWorker(plane, { workerId: 'a', endpoint: a.endpoint });
    const sessionId = await createSession(plane, token);
    a.replies = {
      workerCreateSession: { ...workerSession(sessionId, 'disconnected'), status: 201 },
      workerConnectSession: {
        data: { sessionId, status: 'qr_required', qrCode: 'data:image/png;base64,AA==' },
      },
    };
    const { status, data } = await connect(sessionId);
    expect([status, data.status, data.qrCode]).toEqual([200, 'QR_REQUIRED', 'data:image/png;base64,AA==']);
  });

  it('gives a logged-out session a fresh start, with the old credentials void', async () => {
    await registerWorker(plane, { workerId: 'a', endpoint: a.endpoint });
    const session = await connectedSession(plane, token, { workerId: 'a', endpoint: a.endpoint });
    await plane.deps.stores.sessions.settle(session, 'LOGGED_OUT');
    a.replies = started('qr_required');
    expect(await connect(session.sessionId)).toMatchObject({ status: 200 });
    expect(a.callsOf('workerStartSession')[0]?.body).toMatchObject({ epoch: 2, authFloor: 2 });
  });

  it('gives a session to one worker when asked for many times at once', async () => {
    await registerBoth();
    const unknown = { workerConnectSession: { code: 'NOT_FOUND' } } as const;
    a.replies = { ...started('qr_required'), ...unknown };
    b.replies = { ...started('qr_required'), ...unknown };
    const sessionId = await createSession(plane, token);
    const answers = await Promise.all(Array.from({ length: 5 }, () => connect(sessionId)));
    for (const { status } of answers) expect([200, 202]).toContain(status);
    const { workerId, epoch } = await readSession(plane, sessionId);
    const newest = [...a.callsOf('workerStartSession'), ...b.callsOf('workerStartSession')].filter(
      ({ body }) => body['epoch'] === epoch,
    );
    expect([workerId, newest.length]).toEqual(['a', 1]);
  });
});

describe('a time-out on the way to the worker', () => {
  let slow: ControlPlane;
  beforeAll(async () => {
    const timedOut: typeof fetch = () => Promise.reject(new DOMException('too slow', 'TimeoutError'));
    slow = await startControlPlane({
      workers: createWorkerGateway({ workerTokens: () => [WORKER_TOKEN], fetch: timedOut }),
    });
  });
  afterAll(() => slow.close());

  it('is 202: the session may be starting there', async () => {
    const tenant = await slow.signUp();
    await registerWorker(slow, { workerId: 'slow', endpoint: 'http://10.0.0.1:1' });
    const sessionId = await createSession(slow, tenant.token);
    const answer = await slow.call('POST', `/api/v1/sessions/${sessionId}/connect`, { token: tenant.token });
    expect(answer).toMatchObject({ status: 202, data: { status: 'INITIALIZING' } });
    expect(await readSession(slow, sessionId)).toMatchObject({ workerId: 'slow' });
  });
});
