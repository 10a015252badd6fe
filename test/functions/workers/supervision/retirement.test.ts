import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planRetirement } from '../../../../functions/workers/supervision/plan-retirement.ts';
import { supervisorFunction } from '../../../../functions/workers/supervision/supervisor-function.ts';
import { countSessions } from '../../../../shared/workers/heartbeat.ts';
import type { WorkerItem } from '../../../../shared/workers/worker-item.ts';
import {
  type ControlPlane,
  startControlPlane,
  WORKER_TOKEN,
} from '../../../../testing/control-plane/control-plane.ts';
import { type FakeWorker, startFakeWorker } from '../../../../testing/control-plane/fake-worker.ts';
import { connectedSession, readSession } from '../../../../testing/control-plane/scenario.ts';

const NOW = Date.parse('2026-11-21T10:00:00.000Z');
const SIZE = { targetUse: 0.7, minWorkers: 1 };
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();

function worker(workerId: string, sessions: number, change: Partial<WorkerItem> = {}): WorkerItem {
  return {
    workerId,
    endpoint: `http://${workerId}`,
    description: null,
    status: 'ONLINE',
    maxSessions: 10,
    version: '1',
    environment: 'TESTING',
    capabilities: [],
    breakdown: countSessions(Array.from({ length: sessions }, () => 'CONNECTED' as const)),
    cpuUsage: 0,
    memoryUsage: 0,
    uptime: 0,
    messageCount: 0,
    generation: 1,
    fencesItself: true,
    protectsTask: true,
    leaseExpiresAt: NOW + 60_000,
    lastHeartbeat: ago(0),
    createdAt: ago(600),
    updatedAt: ago(0),
    ...change,
  };
}
const retiring = (why: 'deployment' | 'scale-in', minutes: number): Partial<WorkerItem> => ({
  status: 'DRAINING',
  wanted: { status: 'DRAINING', retire: { why, since: ago(minutes) } },
});
const old = (minutes: number): Partial<WorkerItem> => ({
  wanted: { retire: { why: 'deployment', since: ago(minutes) } },
});

function plan(...workers: WorkerItem[]) {
  const { drain, resume } = planRetirement(workers, NOW, SIZE);
  return { drain: drain.map((each) => each.worker.workerId), resume: resume.map(({ workerId }) => workerId) };
}
const NOTHING = { drain: [], resume: [] };

describe('before a scale-in', () => {
  it('the worker with the fewest sessions is emptied, where the others have room for them', () => {
    expect(plan(worker('a', 5), worker('b', 2), worker('c', 6))).toEqual({ drain: ['b'], resume: [] });
  });

  it.each([
    ['the others would be fuller than scaling aims at', [worker('a', 6), worker('b', 5)]],
    ['one is empty and can be taken as it is', [worker('a', 3), worker('b', 0), worker('c', 1)]],
    [
      'one is being emptied already',
      [worker('a', 3), worker('b', 1), worker('c', 1, retiring('scale-in', 5))],
    ],
    ['all have come lately', [worker('a', 3, { createdAt: ago(5) }), worker('b', 1, { createdAt: ago(5) })]],
    ['it is the last one', [worker('a', 1)]],
    [
      'tasks are not protected',
      [worker('a', 1, { protectsTask: false }), worker('b', 1, { protectsTask: false })],
    ],
    [
      'an administrator drains the other',
      [worker('a', 1), worker('b', 1, { wanted: { status: 'DRAINING' } })],
    ],
  ])('nothing happens where %s', (_, workers) => {
    expect(plan(...workers)).toEqual(NOTHING);
  });

  it('a worker goes back to work where the others fill up', () => {
    expect(plan(worker('a', 9), worker('b', 3, retiring('scale-in', 5)))).toEqual({
      drain: [],
      resume: ['b'],
    });
  });
});

describe('in a deployment', () => {
  it('old workers are emptied once a new one serves, and not before', () => {
    expect(plan(worker('a', 5, old(1)), worker('b', 5, old(1)))).toEqual(NOTHING);
    expect(plan(worker('a', 5, old(1)), worker('b', 5, old(1)), worker('new', 0)).drain).toEqual(['a', 'b']);
  });

  it('old workers go back to work where nobody is left to serve, and where it is long over', () => {
    expect(plan(worker('a', 5, retiring('deployment', 5)))).toEqual({ drain: [], resume: ['a'] });
    const later = plan(worker('a', 5, retiring('deployment', 121)), worker('new', 5));
    expect(later.resume).toEqual(['a']);
  });
});

it('always leaves somebody to serve', () => {
  const kinds = [{}, old(1), old(121), retiring('scale-in', 5), retiring('deployment', 5)];
  const any = fc.record({ kind: fc.constantFrom(...kinds), sessions: fc.nat(10) });
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 8 }), (given) => {
      const workers = given.map(({ kind, sessions }, index) => worker(`w${index}`, sessions, kind));
      const { drain, resume } = planRetirement(workers, NOW, SIZE);
      const drained = new Set(drain.map((each) => each.worker));
      const serving = workers.filter((each) => each.wanted?.status !== 'DRAINING' && !drained.has(each));
      expect(serving.length + resume.length).toBeGreaterThan(0);
    }),
  );
});

describe('the supervisor', () => {
  let plane: ControlPlane;
  let before: FakeWorker;
  let after: FakeWorker;

  beforeEach(async () => {
    plane = await startControlPlane();
    const view = (sessionId: unknown, status: string) => ({
      data: { sessionId: String(sessionId), status, phoneNumber: null, lastActivity: null },
    });
    [before, after] = await Promise.all([
      startFakeWorker({
        workerReleaseSession: ({ params }) => ({
          data: { sessionId: params['sessionId'] ?? '', phoneNumber: null },
        }),
      }),
      startFakeWorker({ workerStartSession: ({ body }) => view(body['sessionId'], 'connecting') }),
    ]);
  });
  afterEach(() => Promise.all([before.close(), after.close(), plane.close()]));

  const register = (workerId: string, { endpoint }: FakeWorker) =>
    plane.call('POST', '/api/v1/workers/register', {
      token: WORKER_TOKEN,
      body: {
        ...{ workerId, endpoint, bootId: `boot-${workerId}`, protectsTask: true },
        ...{ maxSessions: 5, version: '1', environment: 'testing' },
      },
    });
  const deployment = (eventName: string) => ({
    'detail-type': 'ECS Deployment State Change',
    detail: { eventName, updatedAt: new Date(plane.clock.now).toISOString() },
  });
  const supervise = (event: unknown = { source: 'schedule' }) =>
    supervisorFunction(plane.deps, { loopMs: 0, fleet: SIZE, writeLine: () => {} })(event);
  const wantedOf = async (workerId: string) => (await plane.deps.stores.workers.get(workerId))?.wanted;

  it('moves the sessions of a deployment’s old workers to the new ones, and then nobody is old any more', async () => {
    const { token } = await plane.signUp();
    await register('before', before);
    const owner = { workerId: 'before', endpoint: before.endpoint };
    const { sessionId } = await connectedSession(plane, token, owner);
    plane.clock.now += 1_000;
    await supervise(deployment('SERVICE_DEPLOYMENT_IN_PROGRESS'));
    expect((await wantedOf('before'))?.status).toBeUndefined();
    plane.clock.now += 1_000;
    await register('after', after);
    await supervise();
    expect((await wantedOf('before'))?.status).toBe('DRAINING');
    expect((await readSession(plane, sessionId)).workerId).toBe('after');
    await supervise(deployment('SERVICE_DEPLOYMENT_FAILED'));
    expect(await wantedOf('before')).toEqual({ status: 'ONLINE' });
  });
});
