import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { supervisorFunction } from '../../../../functions/workers/supervision/supervisor-function.ts';
import { LEASE_MARGIN_MS, LEASE_TTL_MS } from '../../../../shared/workers/worker-item.ts';
import { type ControlPlane, startControlPlane } from '../../../../testing/control-plane/control-plane.ts';
import { type FakeWorker, startFakeWorker } from '../../../../testing/control-plane/fake-worker.ts';
import { connectedSession, readSession, registerWorker } from '../../../../testing/control-plane/scenario.ts';

let plane: ControlPlane;
let worker: FakeWorker;
let lines: string[];
let waits: number;
const TASK = 'd1f2c3b4a5968778695a4b3c2d1e0f10';

beforeEach(async () => {
  plane = await startControlPlane();
  worker = await startFakeWorker();
  lines = [];
  waits = 0;
});
afterEach(() => Promise.all([worker.close(), plane.close()]));

const supervisor = (loopMs = 0) =>
  supervisorFunction(plane.deps, {
    loopMs,
    wait: async (ms) => {
      waits += 1;
      plane.clock.now += ms;
    },
    writeLine: (line) => lines.push(line),
  });
const onTask = () => ({ workerId: TASK, endpoint: worker.endpoint });
const taskStopped = (taskId: string, lastStatus = 'STOPPED') => ({
  id: 'event-1',
  'detail-type': 'ECS Task State Change',
  detail: { taskArn: `arn:aws:ecs:eu-west-1:1:task/gateway/${taskId}`, lastStatus },
});

describe('the supervisor', () => {
  it('the supervisor takes the sessions of a stopped task away at once, its lease notwithstanding', async () => {
    const { token } = await plane.signUp();
    await registerWorker(plane, { ...onTask(), bootId: 'boot-1' });
    const { sessionId } = await connectedSession(plane, token, onTask());
    await supervisor()(taskStopped(TASK));
    expect(await readSession(plane, sessionId)).toMatchObject({ status: 'RECONNECTING' });
    expect((await plane.deps.stores.workers.get(TASK))?.fencedAt).toBeDefined();
  });

  it('the supervisor leaves workers alone that only change their state, or that it does not know', async () => {
    await registerWorker(plane, { ...onTask(), bootId: 'boot-1' });
    await supervisor()(taskStopped(TASK, 'DEACTIVATING'));
    await supervisor()(taskStopped('another'));
    expect((await plane.deps.stores.workers.get(TASK))?.fencedAt).toBeUndefined();
  });

  it('the supervisor fences a worker whose lease and margin are over, and not before', async () => {
    await registerWorker(plane, { ...onTask(), bootId: 'boot-1' });
    plane.clock.now += LEASE_TTL_MS;
    await supervisor()({ source: 'schedule' });
    expect((await plane.deps.stores.workers.get(TASK))?.fencedAt).toBeUndefined();
    plane.clock.now += LEASE_MARGIN_MS + 1;
    await supervisor()({ source: 'schedule' });
    expect((await plane.deps.stores.workers.get(TASK))?.fencedAt).toBeDefined();
  });

  it('the supervisor looks again every five seconds for as long as it was told', async () => {
    await supervisor(55_000)({ source: 'schedule' });
    expect(waits).toBe(11);
  });

  it('the supervisor writes the state of the fleet once a minute, as metrics', async () => {
    await registerWorker(plane, { ...onTask(), bootId: 'boot-1', maxSessions: 4 });
    await supervisor(10_000)({ source: 'schedule' });
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      {
        SessionSlotsUsedPercent: 0,
        SessionsWithoutOwner: 0,
        ExpiredLeases: 0,
        LiveWorkers: 1,
        OldestDueSeconds: 0,
        _aws: { CloudWatchMetrics: [{ Namespace: 'WhatsAppGateway', Dimensions: [['Environment']] }] },
      },
    ]);
  });

  it('the supervisor counts the sessions without a worker that should be connected, not those that wait to be ended', async () => {
    const { token } = await plane.signUp('MAX');
    const { sessions } = plane.deps.stores;
    const unplaced = async (name: string, desired: 'connected' | 'logged_out') => {
      const session = await connectedSession(plane, token, onTask(), name);
      await sessions.unassign(session, { unplaced: true, desired });
      return await readSession(plane, session.sessionId);
    };
    await unplaced('waits', 'connected');
    await unplaced('to be logged out', 'logged_out');
    await sessions.bury(await unplaced('deleted', 'connected'));
    expect(await sessions.listUnplacedIds(10)).toHaveLength(3);
    await supervisor()({ source: 'schedule' });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ SessionsWithoutOwner: 1 });
  });

  it('the supervisor writes how long the most overdue message had been due', async () => {
    const dueAt = new Date(plane.clock.now - 90_000).toISOString();
    await plane.deps.stores.wakeUps.touch({ sessionId: 's-late', userId: 'u', count: 1, dueAt });
    await supervisor()({ source: 'schedule' });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ OldestDueSeconds: 90 });
  });

  it('the supervisor calls a fleet without a slot full, so that scaling brings one', async () => {
    await supervisor()({ source: 'schedule' });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ SessionSlotsUsedPercent: 100, LiveWorkers: 0 });
  });
});
