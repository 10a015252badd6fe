import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { moveSession } from '../../../functions/administration/moves/move-session.ts';
import { declareDead } from '../../../functions/workers/supervision/declare-dead.ts';
import { superviseWorkers } from '../../../functions/workers/supervision/supervise-workers.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import { createSessionStore } from '../../../shared/sessions/store.ts';
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
let admin: string;
let session: SessionItem;

beforeEach(async () => {
  plane = await startControlPlane();
  [a, b] = await Promise.all([startFakeWorker(), startFakeWorker()]);
  b.replies = takes();
  token = (await plane.signUp()).token;
  admin = (await plane.signUp('MAX', 'ADMIN')).token;
  await registerA('boot-1');
  await registerWorker(plane, { workerId: 'b', endpoint: b.endpoint });
  session = await connectedSession(plane, token, { workerId: 'a', endpoint: a.endpoint });
});
afterEach(() => Promise.all([a.close(), b.close(), plane.close()]));

const takes = () => ({
  workerStartSession: ({ body }: { body: Record<string, unknown> }) =>
    workerSession(String(body['sessionId']), 'connecting'),
});
const letsGo = () => ({
  workerReleaseSession: { data: { sessionId: session.sessionId, phoneNumber: '+6281234567890' } },
});
const registerA = (bootId: string) => registerWorker(plane, { workerId: 'a', endpoint: a.endpoint, bootId });
const asWorker = <D = Record<string, unknown>>(method: string, path: string, body?: object) =>
  plane.call<D>(method, path, { token: WORKER_TOKEN, ...(body && { body }) });
const beatOfA = (sessions: object[] = [], generation = 1) =>
  asWorker<HeartbeatAnswer>('PUT', '/api/v1/workers/a/heartbeat', { generation, sessions });
const released = (order: { epoch: number; rev?: number }) =>
  asWorker<{ placed: boolean }>('POST', '/api/v1/workers/a/sessions/release', {
    sessionId: session.sessionId,
    ...order,
  });
const tenant = (verb: string) =>
  plane.call('POST', `/api/v1/sessions/${session.sessionId}/${verb}`, { token });
const move = () => moveSession(plane.deps, session, { requestId: 'r' });
const now = () => readSession(plane, session.sessionId);
const held = () => ({ sessionId: session.sessionId, status: 'connected', epoch: session.epoch });

describe('a move', () => {
  it('is written down before the owner is told, and leaves the tenant’s wish alone', async () => {
    let whenTold: SessionItem | undefined;
    const release = plane.deps.workers;
    vi.spyOn(plane.deps, 'workers').mockImplementation((worker) => {
      const client = release(worker);
      return {
        ...client,
        workerReleaseSession: async (...call) => {
          whenTold = await now();
          return await client.workerReleaseSession(...call);
        },
      };
    });
    a.replies = letsGo();
    expect(await move()).toBe('migrated');
    expect(whenTold).toMatchObject({
      workerId: 'a',
      epoch: session.epoch,
      rev: session.rev + 1,
      desired: 'connected',
      status: 'RECONNECTING',
    });
    expect(await now()).toMatchObject({ workerId: 'b', epoch: session.epoch + 1, desired: 'connected' });
  });

  it('lets no answer that the owner gets from then on connect it under the old epoch', async () => {
    a.replies = { workerReleaseSession: 'break' };
    expect(await move()).toBe('moving');
    const { sessionId, epoch, rev } = session;
    expect((await beatOfA([held()])).data.assignedSessions).toMatchObject([
      { sessionId, epoch, rev: rev + 1, desired: 'released' },
    ]);
    expect(await tenant('connect')).toMatchObject({ status: 202, data: { status: 'RECONNECTING' } });
    expect((await beatOfA()).data.assignedSessions).toMatchObject([
      { sessionId, epoch, rev: rev + 2, desired: 'released' },
    ]);
    expect(a.callsOf('workerConnectSession')).toEqual([]);
  });

  it('whose mover has died goes on as soon as the owner says that it has let go', async () => {
    a.replies = { workerReleaseSession: 'break' };
    await move();
    await tenant('connect');
    const { epoch, rev } = session;
    expect((await released({ epoch, rev: rev + 1 })).data).toMatchObject({ placed: true });
    expect(await now()).toMatchObject({ workerId: 'b', epoch: epoch + 1, desired: 'connected' });
    expect(await released({ epoch, rev: rev + 1 })).toMatchObject({ status: 409, code: 'STALE_OWNER' });
  });

  it('is not finished by an owner that speaks of an order before it', async () => {
    a.replies = { workerReleaseSession: 'break' };
    await move();
    const { epoch, rev } = session;
    expect(await released({ epoch, rev })).toMatchObject({ status: 409, code: 'STALE_OWNER' });
    expect(await now()).toMatchObject({ workerId: 'a', epoch });
  });

  it('does not begin again what its tenant has disconnected meanwhile', async () => {
    a.replies = {
      workerReleaseSession: 'break',
      workerDisconnectSession: workerSession(session.sessionId, 'disconnected'),
    };
    await move();
    expect(await tenant('disconnect')).toMatchObject({ data: { status: 'DISCONNECTED' } });
    a.replies = letsGo();
    expect(await moveSession(plane.deps, await now(), { requestId: 'r' })).toBe('parked');
    expect(await now()).toMatchObject({ desired: 'disconnected', status: 'DISCONNECTED' });
    expect(b.callsOf('workerStartSession')).toEqual([]);
  });

  it('leaves a logout that comes meanwhile to the owner that has the credentials open', async () => {
    a.replies = { workerReleaseSession: 'break', workerLogoutSession: 'break' };
    await move();
    expect(await tenant('logout')).toMatchObject({ status: 202 });
    expect((await beatOfA([held()])).data.assignedSessions).toMatchObject([{ desired: 'logged_out' }]);
    const { epoch, rev } = session;
    expect(await released({ epoch, rev: rev + 1 })).toMatchObject({ code: 'STALE_OWNER' });
    expect(b.callsOf('workerStartSession')).toEqual([]);
  });

  it('is told to clients as a reconnection, whatever its owner still has to say', async () => {
    const client = await listener(plane, token);
    a.replies = { workerReleaseSession: 'break' };
    await move();
    await asWorker('POST', '/api/v1/webhooks/session-status', { ...held(), seq: 9, status: 'disconnected' });
    await released({ epoch: session.epoch, rev: session.rev + 1 });
    const statuses = plane.clients.framesOf(client).map(({ data }) => data['status']);
    expect(new Set(statuses)).toEqual(new Set(['RECONNECTING']));
  });

  it('brings along an account whose login nobody has reported yet', async () => {
    const { sessions } = plane.deps.stores;
    const created = await plane.call<{ sessionId: string }>('POST', '/api/v1/sessions', {
      token,
      body: { name: 'New' },
    });
    const fresh = await readSession(plane, created.data.sessionId);
    const showing = await sessions.assign(
      fresh,
      { workerId: 'a', endpoint: a.endpoint, generation: 1 },
      { desired: 'connected', status: 'QR_REQUIRED' },
    );
    if (showing === undefined) throw new Error('not assigned');
    a.replies = { workerReleaseSession: { data: { sessionId: fresh.sessionId, phoneNumber: '+62811' } } };
    expect(await moveSession(plane.deps, showing, { requestId: 'r' })).toBe('migrated');
    expect(await readSession(plane, fresh.sessionId)).toMatchObject({ workerId: 'b', phoneNumber: '+62811' });
  });
});

describe('a worker’s next process', () => {
  it('keeps its sessions while what its last process left is taken off it', async () => {
    const { sessions, workers } = plane.deps.stores;
    const getMany = sessions.getMany.bind(sessions);
    // Between the listing and the taking, the process comes back and connects everything again.
    vi.spyOn(sessions, 'getMany').mockImplementationOnce(async (ids) => {
      const listed = await getMany(ids);
      await registerA('boot-2');
      return listed;
    });
    expect(await declareDead(plane.deps, 'a', { requestId: 'r', bootId: 'boot-1' })).toEqual({
      migrated: 0,
      pending: 0,
    });
    const { generation } = (await workers.get('a')) ?? {};
    expect(await now()).toMatchObject({ workerId: 'a', workerGeneration: generation });
  });

  it('is not fenced by a supervisor whose list is from before it came', async () => {
    const { workers } = plane.deps.stores;
    const fenced = await workers.fence((await workers.get('a')) ?? never(), 'dead');
    const listed = [fenced ?? never()];
    await registerA('boot-2');
    vi.spyOn(workers, 'list').mockResolvedValueOnce(listed);
    await superviseWorkers(plane.deps, { requestId: 'r' });
    expect(await beatOfA([], 3)).toMatchObject({ status: 200 });
    expect(await now()).toMatchObject({ workerId: 'a', workerGeneration: 3 });
  });

  it('is not ended by a late call of the process before it', async () => {
    await registerA('boot-2');
    const late = { workerId: 'a', bootId: 'boot-1' };
    expect(await asWorker('DELETE', '/api/v1/workers/unregister', late)).toMatchObject({
      status: 409,
      code: 'FENCED',
    });
    expect(await registerA('boot-1')).toMatchObject({ status: 409, code: 'FENCED' });
    expect(await beatOfA([], 2)).toMatchObject({ status: 200 });
  });
});

describe('removing a worker that runs', () => {
  const remove = () => plane.call('DELETE', '/api/v1/workers/a', { token: admin });

  it('has every session let go of before it is opened elsewhere, and voids the lease after that', async () => {
    a.replies = letsGo();
    expect(await remove()).toMatchObject({ status: 200, data: { migrated: 1, pending: 0 } });
    expect(a.callsOf('workerReleaseSession')).toHaveLength(1);
    expect(await beatOfA()).toMatchObject({ status: 409, code: 'FENCED' });
    expect(await registerA('boot-2')).toMatchObject({ status: 200 });
    expect((await beatOfA([], 3)).data).toMatchObject({ workerStatus: 'DRAINING', commands: ['drain'] });
  });

  it('waits for a session that its owner has not let go of', async () => {
    a.replies = { workerReleaseSession: 'break' };
    expect(await remove()).toMatchObject({ status: 202, data: { migrated: 0, pending: 1 } });
    expect((await beatOfA([held()])).data.assignedSessions).toMatchObject([{ desired: 'released' }]);
    a.replies = letsGo();
    await superviseWorkers(plane.deps, { requestId: 'r' });
    expect(await now()).toMatchObject({ workerId: 'b' });
    expect(await beatOfA()).toMatchObject({ status: 409, code: 'FENCED' });
  });

  it('leaves what was assigned to it at the last moment alone until its lease is over', async () => {
    a.replies = letsGo();
    await remove();
    const late = await connectedSession(plane, token, { workerId: 'a', endpoint: a.endpoint }, 'Late');
    await superviseWorkers(plane.deps, { requestId: 'r' });
    expect(await readSession(plane, late.sessionId)).toMatchObject({ workerId: 'a' });
    plane.clock.now += 101_000;
    await registerWorker(plane, { workerId: 'c', endpoint: b.endpoint.replace('127.0.0.1', 'localhost') });
    await superviseWorkers(plane.deps, { requestId: 'r' });
    expect((await readSession(plane, late.sessionId)).workerId).not.toBe('a');
  });
});

describe('a session that its worker cannot take', () => {
  it('is placed elsewhere', async () => {
    const { epoch, rev } = session;
    expect((await released({ epoch, rev })).data).toMatchObject({ placed: true });
    expect(await now()).toMatchObject({ workerId: 'b', epoch: epoch + 1 });
  });

  it('stays where it is where its tenant has wished anew meanwhile, which the worker may be carrying out', async () => {
    const { epoch, rev } = session;
    await plane.deps.stores.sessions.wish(session, 'connected');
    expect(await released({ epoch, rev })).toMatchObject({ status: 409, code: 'STALE_OWNER' });
    expect(await now()).toMatchObject({ workerId: 'a', epoch });
  });

  it('is not adopted by one that has no room by an administrator’s word', async () => {
    const { sessions, workers } = plane.deps.stores;
    await workers.setWanted('a', { maxSessions: 0 });
    await sessions.unassign(session, { unplaced: true, status: 'RECONNECTING' });
    expect((await beatOfA()).data.assignedSessions).toEqual([]);
    const beat = await asWorker<HeartbeatAnswer>('PUT', '/api/v1/workers/b/heartbeat', { sessions: [] });
    expect(beat.data.assignedSessions).toMatchObject([{ sessionId: session.sessionId }]);
  });
});

describe('a worker that asks whose a session is', () => {
  const ask = (workerId: string) =>
    asWorker<Assignment>('GET', `/api/v1/workers/${workerId}/sessions/${session.sessionId}/order`);

  it('is told its wish where it is its own, and to let go of it where it is not', async () => {
    const { epoch, rev } = session;
    expect((await ask('a')).data).toMatchObject({ generation: 1, epoch, rev, desired: 'connected' });
    expect((await ask('b')).data).toMatchObject({ generation: 1, epoch, rev, desired: 'released' });
    await registerA('boot-2');
    expect((await ask('a')).data).toMatchObject({ generation: 2, epoch: epoch + 1, desired: 'connected' });
  });

  it('is told nothing of what does not exist, nor once its lease is void', async () => {
    expect(await ask('nobody')).toMatchObject({ status: 404 });
    await declareDead(plane.deps, 'a', { requestId: 'r' });
    expect(await ask('a')).toMatchObject({ status: 409, code: 'FENCED' });
  });
});

describe('a logout that the account itself has made', () => {
  it('wins over a move that has read the session before', async () => {
    const store = createSessionStore(plane.local.table, () => plane.clock.now);
    await store.applyReport(session, {
      sessionId: session.sessionId,
      epoch: session.epoch,
      seq: 5,
      status: 'LOGGED_OUT',
    });
    const owner = { workerId: 'b', endpoint: b.endpoint, generation: 1 };
    expect(await store.assign(session, owner, { desired: 'connected' })).toBeUndefined();
    expect(await store.beginMove(session)).toBeUndefined();
  });
});

function never(): never {
  throw new Error('there is no such worker');
}
