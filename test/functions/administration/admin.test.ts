import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type * as z from 'zod';
import type * as routes from '../../../shared/administration/routes.ts';
import type { RegistrationAnswer } from '../../../shared/workers/schema.ts';
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
let token: string;
let tenant: string;
let one: FakeWorker;
let two: FakeWorker;
let generation: number;

const HEALTH = {
  status: 'online',
  sessionCount: 0,
  cpuUsage: 1,
  memoryUsage: 1,
  uptime: 1,
  maxSessions: 50,
  availableSlots: 50,
};
const replies = () => ({
  workerHealth: { data: HEALTH },
  workerLive: { data: { status: 'ok' } },
  workerStartSession: ({ body }: { body: Record<string, unknown> }) =>
    workerSession(String(body['sessionId']), 'connecting'),
  workerDisconnectSession: ({ params }: { params: Record<string, string> }) =>
    workerSession(params['sessionId'] ?? '', 'disconnected'),
  workerReleaseSession: ({ params }: { params: Record<string, string> }) => ({
    data: { sessionId: params['sessionId'] ?? '', phoneNumber: '+6281234567890' },
  }),
  workerDeleteSession: ({ params }: { params: Record<string, string> }) =>
    workerSession(params['sessionId'] ?? '', 'deleted'),
});

beforeEach(async () => {
  plane = await startControlPlane();
  token = (await plane.signUp('MAX', 'ADMIN')).token;
  tenant = (await plane.signUp('MAX')).token;
  [one, two] = [await startFakeWorker(replies()), await startFakeWorker(replies())];
  const registered = await registerWorker(plane, { workerId: 'w1', endpoint: one.endpoint });
  generation = (registered.data as RegistrationAnswer).lease.generation;
});
afterEach(async () => {
  await Promise.all([plane.close(), one.close(), two.close()]);
});

type Answers = { [K in keyof typeof routes]: (typeof routes)[K] extends { answer: infer A } ? A : never };
type Data<K extends keyof Answers> = Answers[K] extends z.ZodType ? z.output<Answers[K]> : never;
const ask = <K extends keyof Answers>(_: K, method: string, path: string, body?: object) =>
  plane.call<Data<K>>(method, `/api/v1/${path}`, body === undefined ? { token } : { token, body });
const second = () => registerWorker(plane, { workerId: 'w2', endpoint: two.endpoint });
const connected = (name?: string) =>
  connectedSession(plane, tenant, { workerId: 'w1', endpoint: one.endpoint, generation }, name);
const beat = (workerId: string) =>
  plane.call<{ workerStatus: string; commands: string[] }>('PUT', `/api/v1/workers/${workerId}/heartbeat`, {
    token: WORKER_TOKEN,
    body: { status: 'online', sessions: [], metrics: { cpuUsage: 10, memoryUsage: 20, uptime: 5 } },
  });

describe('administrators', () => {
  it('see every worker with its score, and totals over all', async () => {
    await second();
    const { data } = await ask('listWorkers', 'GET', 'workers');
    expect(data.workers.map(({ workerId, status }) => [workerId, status])).toEqual([
      ['w1', 'ONLINE'],
      ['w2', 'ONLINE'],
    ]);
    expect(data.workers[0]?.score).toEqual(expect.any(Number));
    expect((await ask('getWorker', 'GET', 'workers/w1')).data.endpoint).toBe(one.endpoint);
    expect((await ask('getWorker', 'GET', 'workers/w9')).status).toBe(404);
    expect((await ask('getWorkerStatistics', 'GET', 'workers/statistics')).data).toMatchObject({
      totalWorkers: 2,
      byStatus: { ONLINE: 2, OFFLINE: 0 },
      capacity: { total: 100, used: 0, available: 100 },
    });
    expect((await ask('getOverview', 'GET', 'admin/overview')).data).toMatchObject({
      workers: { total: 2, online: 2 },
      messagesToday: { sent: 0, received: 0 },
    });
  });

  it('set a worker’s room and standing, which heartbeats and registrations do not undo', async () => {
    const body = { maxSessions: 3, description: 'spare', status: 'maintenance' };
    expect((await ask('updateWorker', 'PUT', 'workers/w1', body)).data).toMatchObject({
      maxSessions: 3,
      description: 'spare',
      status: 'MAINTENANCE',
      score: null,
    });
    expect((await beat('w1')).data).toMatchObject({ workerStatus: 'MAINTENANCE', commands: ['drain'] });
    await registerWorker(plane, { workerId: 'w1', endpoint: one.endpoint });
    expect((await ask('getWorker', 'GET', 'workers/w1')).data.status).toBe('MAINTENANCE');
    await ask('updateWorker', 'PUT', 'workers/w1', { status: 'ONLINE' });
    expect((await beat('w1')).data).toMatchObject({ workerStatus: 'ONLINE', commands: [] });
    expect((await ask('getWorker', 'GET', 'workers/w1')).data).toMatchObject({
      status: 'ONLINE',
      maxSessions: 3,
    });
    expect((await ask('updateWorker', 'PUT', 'workers/w1', { status: 'OFFLINE' })).status).toBe(400);
  });

  it('drain a worker: each session is closed there before it is opened elsewhere', async () => {
    const sessions = [await connected('A'), await connected('B')];
    await second();
    const drained = await ask('drainWorker', 'POST', 'workers/w1/drain');
    expect(drained).toMatchObject({ status: 202, data: { status: 'DRAINING', sessions: 2 } });
    expect(one.callsOf('workerReleaseSession').map(({ body }) => body)).toEqual(
      sessions.map(({ epoch, rev }) => ({ generation, epoch, rev: rev + 1 })),
    );
    expect(two.callsOf('workerStartSession')).toHaveLength(2);
    for (const { sessionId, epoch } of sessions)
      expect(await readSession(plane, sessionId)).toMatchObject({
        workerId: 'w2',
        epoch: epoch + 1,
        desired: 'connected',
        status: 'RECONNECTING',
      });
  });

  it('leave sessions where they are while nobody else could take them', async () => {
    const { sessionId } = await connected();
    await ask('drainWorker', 'POST', 'workers/w1/drain');
    expect(one.callsOf('workerReleaseSession')).toHaveLength(0);
    expect((await readSession(plane, sessionId)).workerId).toBe('w1');
  });

  it('migrate a session to the worker they name, as soon as its owner has let go of it', async () => {
    const { sessionId } = await connected();
    const migrate = (body: object = {}) =>
      ask('migrateSession', 'POST', `sessions/${sessionId}/migrate`, body);
    expect((await migrate()).code).toBe('NO_WORKER_AVAILABLE');
    await second();
    expect((await migrate({ workerId: 'w1' })).code).toBe('CONFLICT');
    expect((await migrate({ workerId: 'w9' })).status).toBe(404);
    one.replies = { ...replies(), workerReleaseSession: 'break' };
    expect(await migrate({ workerId: 'w2' })).toMatchObject({ status: 202, data: { workerId: 'w1' } });
    expect(two.callsOf('workerStartSession')).toEqual([]);
    one.replies = replies();
    expect(await migrate({ workerId: 'w2' })).toMatchObject({ status: 202, data: { workerId: 'w2' } });
  });

  it('operate on many sessions, with a result for each', async () => {
    const [a, b] = [await connected('A'), await createSession(plane, tenant, 'B')];
    const bulk = (action: string, sessionIds: string[]) =>
      ask('bulkSessions', 'POST', 'admin/sessions/bulk', { action, sessionIds });
    const disconnected = await bulk('disconnect', [a.sessionId, b, 'nobody-nothing']);
    expect(disconnected.data.results).toEqual([
      { sessionId: a.sessionId, ok: true, status: 'DISCONNECTED' },
      { sessionId: b, ok: true, status: 'DISCONNECTED' },
      expect.objectContaining({ sessionId: 'nobody-nothing', ok: false, code: 'NOT_FOUND' }),
    ]);
    const deleted = await bulk('delete', [a.sessionId, b]);
    expect(deleted.data.results.map(({ ok, status }) => [ok, status])).toEqual([
      [true, 'DELETED'],
      [true, 'DELETED'],
    ]);
    expect((await plane.call('GET', `/api/v1/sessions/${b}`, { token: tenant })).status).toBe(404);
  });

  it('list sessions across tenants, page by page, by status and by worker', async () => {
    const { sessionId } = await connected('A');
    const others = await Promise.all(
      [0, 1, 2].map(async (index) => createSession(plane, (await plane.signUp('PRO')).token, `P${index}`)),
    );
    const more = await createSession(plane, tenant, 'B');
    const all: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path = `admin/sessions`;
      const query: Record<string, string> = cursor === '' ? { limit: '2' } : { limit: '2', cursor };
      const answer = await plane.call<Data<'listAllSessions'>>('GET', `/api/v1/${path}`, { token, query });
      all.push(...answer.data.sessions.map((each) => each.sessionId));
      cursor = answer.data.pagination.cursor;
    }
    expect(all.toSorted()).toEqual([sessionId, more, ...others].toSorted());
    const filtered = async (query: Record<string, string>) =>
      (await plane.call<Data<'listAllSessions'>>('GET', '/api/v1/admin/sessions', { token, query })).data;
    expect((await filtered({ status: 'connected' })).sessions).toMatchObject([{ sessionId, workerId: 'w1' }]);
    expect((await filtered({ workerId: 'w1' })).sessions).toHaveLength(1);
  });
});

describe('the endpoint of a worker', () => {
  it('is tested without our token, and nothing of what is there is told', async () => {
    const test = (endpoint: string) => ask('testWorker', 'POST', 'workers/test', { endpoint });
    expect((await test(one.endpoint)).data).toMatchObject({
      status: 'online',
      message: 'A worker answers here.',
    });
    expect(one.callsOf('workerLive').every(({ headers }) => headers.authorization === undefined)).toBe(true);
    expect((await test(refusedEndpoint())).data.status).toBe('offline');
    one.replies = {};
    expect((await test(one.endpoint)).data).toMatchObject({
      status: 'offline',
      message: 'Something answers here, but not as a worker does.',
    });
    expect((await test('http://169.254.169.254')).data).toMatchObject({ status: 'offline', responseTime: 0 });
  });

  it('can be added by hand, with the id the worker itself gives', async () => {
    const add = (endpoint: string) =>
      ask('addWorker', 'POST', 'workers', { endpoint, maxSessions: 7, description: 'by hand' });
    expect((await add(refusedEndpoint())).code).toBe('WORKER_UNREACHABLE');
    const info = { workerId: 'Far Away', version: '9', environment: 'production', capabilities: [] };
    two.replies = { ...replies(), workerInfo: { data: { ...info, baileys_version: '7' } } };
    expect(await add(two.endpoint)).toMatchObject({
      status: 201,
      data: { workerId: 'far-away', maxSessions: 7, environment: 'PRODUCTION' },
    });
    expect((await add(two.endpoint)).code).toBe('WORKER_EXISTS');
  });
});

describe('the health of all workers', () => {
  it('is checked side by side, and a dead one takes nothing from the others', async () => {
    await registerWorker(plane, { workerId: 'w3', endpoint: refusedEndpoint() });
    await second();
    const { data } = await ask('checkWorkersHealth', 'POST', 'workers/health-check');
    expect(data.summary).toMatchObject({ totalWorkers: 3, onlineWorkers: 2, offlineWorkers: 1 });
    expect(data.results.find(({ workerId }) => workerId === 'w3')).toMatchObject({ status: 'offline' });
  });

  it('is watched by a monitor that can be switched off and on', async () => {
    const state = async (method: string, path: string) => (await ask('getHealthMonitor', method, path)).data;
    expect(await state('GET', 'workers/health/status')).toMatchObject({ running: true, lastRunAt: null });
    expect(await state('POST', 'workers/health/stop')).toMatchObject({ running: false });
    expect(await plane.deps.stores.monitor.takeTurn()).toBe(false);
    expect(await state('POST', 'workers/health/start')).toMatchObject({ running: true });
    const turns = await Promise.all([1, 2, 3].map(() => plane.deps.stores.monitor.takeTurn()));
    expect(turns.filter(Boolean)).toHaveLength(1);
    expect(await state('GET', 'workers/health/status')).toMatchObject({ lastRunAt: expect.any(String) });
  });
});
