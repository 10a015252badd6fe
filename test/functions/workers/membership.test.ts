import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { declareDead } from '../../../functions/workers/supervision/declare-dead.ts';
import { superviseWorkers } from '../../../functions/workers/supervision/supervise-workers.ts';
import type { Assignment, HeartbeatAnswer } from '../../../shared/workers/schema.ts';
import {
  type ControlPlane,
  startControlPlane,
  WORKER_TOKEN,
} from '../../../testing/control-plane/control-plane.ts';
import {
  type FakeWorker,
  startFakeWorker,
  workerSession,
} from '../../../testing/control-plane/fake-worker.ts';
import {
  connectedSession,
  listener,
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

const onA = () => ({ workerId: 'a', endpoint: a.endpoint });
const registerA = (fields: object = {}) => registerWorker(plane, { ...onA(), bootId: 'boot-1', ...fields });
const registerB = () => registerWorker(plane, { workerId: 'b', endpoint: b.endpoint });
const call = <D>(method: string, path: string, body?: object) =>
  plane.call<D>(method, path, { token: WORKER_TOKEN, ...(body === undefined ? {} : { body }) });
const beat = (body: object = {}, path = '/api/v1/workers/a/heartbeat') =>
  call<HeartbeatAnswer>('PUT', path, body);
const accepts = (worker: FakeWorker) => {
  worker.replies = {
    workerStartSession: ({ body }) => workerSession(String(body['sessionId']), 'connected'),
  };
};

describe('registration', () => {
  it('answers the lease and what the worker owns', async () => {
    const { status, data } = await registerA();
    expect(status).toBe(200);
    expect(data).toMatchObject({
      workerId: 'a',
      status: 'registered',
      assignedSessions: [],
      assignedSessionCount: 0,
      ...{ recoveryRequired: false, lease: { ttlMs: 90_000, intervalMs: 10_000, generation: 1 } },
    });
  });

  it('of a new process gives its sessions new epochs before they are answered', async () => {
    await registerA();
    const { sessionId, epoch } = await connectedSession(plane, token, onA());
    const { data } = await registerA({ bootId: 'boot-2' });
    expect(data.assignedSessions).toMatchObject([{ sessionId, epoch: epoch + 1, desired: 'connected' }]);
    expect(data).toMatchObject({ recoveryRequired: true, lease: { generation: 2 } });
    expect(await readSession(plane, sessionId)).toMatchObject({
      status: 'RECONNECTING',
      workerGeneration: 2,
    });
  });

  it('repeated by the same process leaves the epochs alone', async () => {
    await registerA();
    const { epoch } = await connectedSession(plane, token, onA());
    expect((await registerA()).data.assignedSessions).toMatchObject([{ epoch }]);
  });

  it('of an id or an endpoint that is alive elsewhere is 409', async () => {
    await registerA();
    expect(await registerA({ endpoint: b.endpoint, bootId: 'x' })).toMatchObject({
      status: 409,
      code: 'WORKER_EXISTS',
    });
    expect(await registerA({ workerId: 'c', bootId: 'x' })).toMatchObject({
      status: 409,
      code: 'WORKER_EXISTS',
    });
  });

  it('does not bring back a session that waited for a QR: it starts again on demand', async () => {
    await registerA();
    const session = await connectedSession(plane, token, onA());
    const { sessions } = plane.deps.stores;
    await sessions.settle(session, 'LOGGED_OUT');
    const again = await sessions.assign(
      await readSession(plane, session.sessionId),
      { ...onA(), generation: 1 },
      { desired: 'connected', status: 'QR_REQUIRED' },
    );
    expect(again).toBeDefined();
    expect((await registerA({ bootId: 'boot-2' })).data.assignedSessions).toEqual([]);
    expect(await readSession(plane, session.sessionId)).toMatchObject({
      status: 'DISCONNECTED',
      desired: 'disconnected',
    });
  });
});

describe('a heartbeat', () => {
  const counted = { total: 25, connected: 20, disconnected: 2, qr_required: 2, reconnecting: 1, error: 0 };
  it.each([
    [
      'counts under metrics.sessions',
      { status: 'online', metrics: { sessions: { ...counted, maxSessions: 50 }, cpuUsage: 45.5 } },
      counted,
    ],
    [
      'counts at the top',
      { status: 'ONLINE', cpuUsage: 45.5, sessions: counted, timestamp: '2024-01-15T10:30:00.000Z' },
      counted,
    ],
    [
      'counts under metrics.sessionBreakdown',
      {
        status: 'online',
        metrics: {
          sessionCount: 25,
          cpuUsage: 45.5,
          sessionBreakdown: { connected: 20, disconnected: 3, qr_required: 2, error: 0 },
        },
      },
      { total: 25, connected: 20, disconnected: 3, qr_required: 2, reconnecting: 0, error: 0 },
    ],
    [
      'a list of sessions',
      {
        status: 'online',
        sessions: [
          { sessionId: 's1', status: 'connected' },
          { sessionId: 's2', status: 'QR_REQUIRED' },
        ],
        metrics: { cpuUsage: 45.5 },
      },
      { total: 2, connected: 1, disconnected: 0, qr_required: 1, reconnecting: 0, error: 0 },
    ],
  ])('is understood as %s', async (_, body, breakdown) => {
    await registerA();
    const { status, data } = await beat(body);
    expect(status).toBe(200);
    expect(data).toMatchObject({
      workerId: 'a',
      status: 'acknowledged',
      workerStatus: 'ONLINE',
      commands: [],
      sessionCount: breakdown.total,
      sessionBreakdown: { ...breakdown, maxSessions: 50 },
    });
    expect(await plane.deps.stores.workers.get('a')).toMatchObject({ cpuUsage: 45.5, breakdown });
  });

  it('is taken under the older path too', async () => {
    await registerA();
    expect(await beat({ status: 'online' }, '/api/v1/admin/workers/a/heartbeat')).toMatchObject({
      status: 200,
    });
  });

  it('of an earlier process is 409 FENCED, of an unknown worker 404', async () => {
    await registerA();
    await registerA({ bootId: 'boot-2' });
    expect(await beat({ generation: 1 })).toMatchObject({ status: 409, code: 'FENCED' });
    expect(await beat({}, '/api/v1/workers/nobody/heartbeat')).toMatchObject({ status: 404 });
  });

  it('answers what its sessions should be, and says nothing of those nobody knows', async () => {
    await registerA();
    const { sessionId, userId, epoch, rev } = await connectedSession(plane, token, onA());
    const sessions = [{ sessionId: 'never-heard-of', status: 'connected', epoch: 9 }];
    const { data } = await beat({ generation: 1, sessions });
    expect(data.assignedSessions).toEqual([
      { sessionId, userId, generation: 1, epoch, rev, desired: 'connected', authFloor: 0 },
    ]);
  });

  it('tells a worker to let go of what is another’s, under the newer epoch', async () => {
    await registerA();
    const session = await connectedSession(plane, token, onA());
    await plane.deps.stores.sessions.assign(session, { workerId: 'b', endpoint: b.endpoint, generation: 1 });
    const { sessionId } = session;
    const { data } = await beat({
      generation: 1,
      sessions: [{ sessionId, status: 'connected', epoch: session.epoch }],
    });
    expect(data.assignedSessions).toMatchObject([
      { sessionId, epoch: session.epoch + 1, desired: 'released' },
    ]);
  });

  it('repairs a record that a lost report left behind, and tells the clients', async () => {
    await registerA();
    const { sessionId, epoch } = await connectedSession(plane, token, onA());
    const client = await listener(plane, token);
    plane.clock.now += 20_000;
    await beat({ generation: 1, sessions: [{ sessionId, status: 'reconnecting', epoch }] });
    expect(await readSession(plane, sessionId)).toMatchObject({ status: 'RECONNECTING' });
    expect(plane.clients.framesOf(client)).toMatchObject([
      { event: 'session_status_update', data: { status: 'RECONNECTING' } },
    ]);
  });

  it('does not overtake a report that has just been taken', async () => {
    await registerA();
    const { sessionId, epoch } = await connectedSession(plane, token, onA());
    await beat({ generation: 1, sessions: [{ sessionId, status: 'connecting', epoch }] });
    expect(await readSession(plane, sessionId)).toMatchObject({ status: 'CONNECTED' });
  });

  it('gives a session of an earlier process a new epoch where the index had hidden it', async () => {
    await registerA();
    await registerA({ bootId: 'boot-2' });
    const { sessionId, epoch } = await connectedSession(plane, token, { ...onA(), generation: 1 });
    const { data } = await beat({ generation: 2, sessions: [] });
    expect(data.assignedSessions).toMatchObject([{ sessionId, epoch: epoch + 1 }]);
  });
});

describe('a worker that dies', () => {
  it('leaves its sessions to the others at once', async () => {
    await registerA();
    await registerB();
    const { sessionId } = await connectedSession(plane, token, onA());
    accepts(b);
    expect(await declareDead(plane.deps, 'a', { requestId: 'r' })).toEqual({ migrated: 1, pending: 0 });
    expect(b.callsOf('workerStartSession')[0]?.body).toMatchObject({ sessionId, epoch: 2 });
    expect(await readSession(plane, sessionId)).toMatchObject({ workerId: 'b', status: 'RECONNECTING' });
    expect(await beat({ generation: 1 })).toMatchObject({ status: 409, code: 'FENCED' });
  });

  it('without others leaves them to whoever comes next, itself included', async () => {
    await registerA();
    const { sessionId } = await connectedSession(plane, token, onA());
    expect(await declareDead(plane.deps, 'a', { requestId: 'r' })).toEqual({ migrated: 0, pending: 1 });
    const { data } = await registerA({ bootId: 'boot-2' });
    expect(data.assignedSessions).toMatchObject([{ sessionId, epoch: 3, desired: 'connected' }]);
    expect(data.lease.generation).toBe(3);
  });

  it('leaves them to a worker that has been there all along and gets room', async () => {
    await registerA();
    await registerWorker(plane, { workerId: 'b', endpoint: b.endpoint, maxSessions: 1 });
    await beat({ metrics: { sessions: { total: 1, connected: 1 } } }, '/api/v1/workers/b/heartbeat');
    const { sessionId } = await connectedSession(plane, token, onA());
    expect(await declareDead(plane.deps, 'a', { requestId: 'r' })).toEqual({ migrated: 0, pending: 1 });
    const { data } = await beat({ metrics: { sessions: { total: 0 } } }, '/api/v1/workers/b/heartbeat');
    expect(data.assignedSessions).toMatchObject([{ sessionId, desired: 'connected' }]);
  });

  it('is not declared dead for a process that was followed by another', async () => {
    await registerA();
    await registerA({ bootId: 'boot-2' });
    await declareDead(plane.deps, 'a', { requestId: 'r', bootId: 'boot-1' });
    expect(await beat({ generation: 2 })).toMatchObject({ status: 200 });
  });
});

describe('a worker that leaves', () => {
  it.each([
    ['/api/v1/workers/unregister', { workerId: 'a', bootId: 'boot-1' }, undefined],
    ['/api/v1/workers/a', undefined, { bootId: 'boot-1' }],
  ])('by DELETE %s has its sessions placed elsewhere at once', async (path, body, query) => {
    await registerA();
    await registerB();
    await connectedSession(plane, token, onA());
    accepts(b);
    const options = { token: WORKER_TOKEN, ...(query && { query }), ...(body && { body }) };
    expect((await plane.call('DELETE', path, options)).data).toEqual({
      workerId: 'a',
      migrated: 1,
      pending: 0,
    });
  });

  it('hands over session by session', async () => {
    await registerA();
    await registerB();
    const { sessionId, epoch } = await connectedSession(plane, token, onA());
    accepts(b);
    const path = '/api/v1/workers/a/sessions/release';
    expect((await call('POST', path, { sessionId, epoch })).data).toEqual({ sessionId, placed: true });
    expect(await readSession(plane, sessionId)).toMatchObject({ workerId: 'b' });
    expect(await call('POST', path, { sessionId, epoch })).toMatchObject({
      status: 409,
      code: 'STALE_OWNER',
    });
  });

  it('does not take along a worker that does not exist', async () => {
    expect(await call('DELETE', '/api/v1/workers/nobody')).toMatchObject({ status: 404 });
  });
});

describe('an index that lags', () => {
  it('hides no session that the worker itself names', async () => {
    await registerA();
    const { sessionId, epoch } = await connectedSession(plane, token, onA());
    vi.spyOn(plane.deps.stores.sessions, 'listIdsOfWorker').mockResolvedValue([]);
    const { data } = await beat({ generation: 1, sessions: [{ sessionId, status: 'connected', epoch }] });
    expect(data.assignedSessions).toMatchObject([{ sessionId, epoch, desired: 'connected' }]);
  });

  it('gives nobody a session that has moved on', async () => {
    await registerA();
    const session = await connectedSession(plane, token, onA());
    await plane.deps.stores.sessions.assign(session, { workerId: 'b', endpoint: b.endpoint, generation: 1 });
    vi.spyOn(plane.deps.stores.sessions, 'listIdsOfWorker').mockResolvedValue([session.sessionId]);
    expect((await beat({ generation: 1, sessions: [] })).data.assignedSessions).toEqual([]);
  });
});

describe('the supervisor', () => {
  it('moves sessions once the lease of their worker is over, and not before', async () => {
    await registerA();
    const { sessionId } = await connectedSession(plane, token, onA());
    plane.clock.now += 90_000;
    await registerB();
    accepts(b);
    const { token: fresh } = await plane.signUp('PRO', 'ADMIN');
    expect(await superviseWorkers(plane.deps, { requestId: 'r' })).toEqual([]);
    plane.clock.now += 11_000;
    const client = await listener(plane, fresh);
    expect(await superviseWorkers(plane.deps, { requestId: 'r' })).toEqual([
      { workerId: 'a', migrated: 1, pending: 0 },
    ]);
    expect(await readSession(plane, sessionId)).toMatchObject({ workerId: 'b' });
    expect(plane.clients.framesOf(client).map(({ event, data }) => [event, data['status']])).toEqual(
      expect.arrayContaining([
        ['session_status_update', 'RECONNECTING'],
        ['worker_status_update', 'OFFLINE'],
      ]),
    );
  });

  it('goes back to a fenced worker that was not emptied', async () => {
    await registerA();
    await registerB();
    accepts(b);
    await declareDead(plane.deps, 'a', { requestId: 'r' });
    const late = await connectedSession(plane, token, { ...onA(), generation: 1 });
    expect(await superviseWorkers(plane.deps, { requestId: 'r' })).toMatchObject([
      { workerId: 'a', migrated: 1 },
    ]);
    expect(await readSession(plane, late.sessionId)).toMatchObject({ workerId: 'b' });
  });

  it('leaves a worker alone that cannot fence itself', async () => {
    const body = {
      workerId: 'seed',
      endpoint: a.endpoint,
      maxSessions: 5,
      version: '1',
      environment: 'testing',
    };
    await call('POST', '/api/v1/admin/workers/register', body);
    await connectedSession(plane, token, { workerId: 'seed', endpoint: a.endpoint });
    plane.clock.now += 3_600_000;
    await registerB();
    expect(await superviseWorkers(plane.deps, { requestId: 'r' })).toEqual([]);
  });
});

describe('recovery', () => {
  it('lists what to restore, and counts how it went', async () => {
    await registerA();
    const { sessionId } = await connectedSession(plane, token, onA());
    const assigned = await call<{ sessions: Assignment[] }>('GET', '/api/v1/workers/a/sessions/assigned');
    expect(assigned.data.sessions).toMatchObject([{ sessionId, desired: 'connected' }]);
    const sessions = [
      { sessionId, status: 'recovered' },
      { sessionId: 'x', status: 'failed', error: 'no' },
    ];
    const result = await call('POST', '/api/v1/workers/a/sessions/recovery-status', { sessions });
    expect(result.data).toEqual({ recovered: 1, failed: 1, skipped: 0 });
  });
});

describe('administrators', () => {
  it('hear of workers that come and go, tenants do not', async () => {
    const admin = await plane.signUp('PRO', 'ADMIN');
    const [adminClient, tenantClient] = [await listener(plane, admin.token), await listener(plane, token)];
    await registerA();
    await call('DELETE', '/api/v1/workers/unregister', { workerId: 'a', bootId: 'boot-1' });
    expect(plane.clients.framesOf(adminClient)).toMatchObject([
      { event: 'worker_status_update', data: { workerId: 'a', status: 'ONLINE' } },
      { event: 'worker_status_update', data: { workerId: 'a', status: 'OFFLINE' } },
    ]);
    expect(plane.clients.framesOf(tenantClient)).toEqual([]);
  });
});
