import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
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
  connectedTenant,
  createSession,
  readSession,
  registerWorker,
} from '../../../testing/control-plane/scenario.ts';

let plane: ControlPlane;
let worker: FakeWorker;
let token: string;
let session: SessionItem;
beforeEach(async () => {
  plane = await startControlPlane();
  ({ token, session, worker } = await connectedTenant(plane, 'BASIC'));
});
afterEach(() => Promise.all([worker.close(), plane.close()]));

const command = (name: string) =>
  plane.call('POST', `/api/v1/sessions/${session.sessionId}/${name}`, { token });
const remove = (sessionId = session.sessionId) =>
  plane.call('DELETE', `/api/v1/sessions/${sessionId}`, { token });
const heartbeat = async (workerId = 'w') =>
  (
    await plane.call<{ assignedSessions: object[] }>('PUT', `/api/v1/workers/${workerId}/heartbeat`, {
      token: WORKER_TOKEN,
      body: { sessions: [] },
    })
  ).data;

describe('disconnecting', () => {
  it('closes the connection and keeps what is needed to come back without a QR', async () => {
    worker.replies = { workerDisconnectSession: workerSession(session.sessionId, 'disconnected') };
    expect(await command('disconnect')).toMatchObject({ status: 200, data: { status: 'DISCONNECTED' } });
    expect(worker.callsOf('workerDisconnectSession')[0]?.body).toEqual({
      ...{ generation: 1, epoch: 1 },
      rev: session.rev + 1,
    });
    expect(await readSession(plane, session.sessionId)).toMatchObject({
      status: 'DISCONNECTED',
      desired: 'disconnected',
      phoneNumber: '+6281234567890',
      workerId: 'w',
    });
  });

  it('answers 202 when the worker cannot be reached, which learns of it by its next heartbeat', async () => {
    worker.replies = { workerDisconnectSession: 'break' };
    expect(await command('disconnect')).toMatchObject({ status: 202, data: { status: 'CONNECTED' } });
    const { sessionId, epoch } = session;
    expect((await heartbeat()).assignedSessions).toMatchObject([
      { sessionId, epoch, rev: session.rev + 1, desired: 'disconnected' },
    ]);
  });
});

describe('logging out', () => {
  it('voids the credentials and leaves the worker', async () => {
    worker.replies = { workerLogoutSession: workerSession(session.sessionId, 'logged_out') };
    expect(await command('logout')).toMatchObject({ status: 200, data: { status: 'LOGGED_OUT' } });
    const after = await readSession(plane, session.sessionId);
    expect(after).toMatchObject({ status: 'LOGGED_OUT', phoneNumber: null, authFloor: 2 });
    expect(after.workerId).toBeUndefined();
  });

  it('answers 202 when the worker cannot be reached, which learns of it by its next heartbeat', async () => {
    worker.replies = { workerLogoutSession: 'break' };
    expect(await command('logout')).toMatchObject({ status: 202 });
    expect((await heartbeat()).assignedSessions).toMatchObject([{ desired: 'logged_out' }]);
  });

  it('of a session that was never linked needs no worker', async () => {
    worker.replies = { workerDeleteSession: { data: { sessionId: session.sessionId } } };
    await remove();
    const sessionId = await createSession(plane, token, 'fresh');
    const answer = await plane.call('POST', `/api/v1/sessions/${sessionId}/logout`, { token });
    expect(answer).toMatchObject({ status: 200, data: { status: 'LOGGED_OUT' } });
  });
});

describe('restarting', () => {
  it('tells the owner, and answers where the session stands', async () => {
    worker.replies = { workerRestartSession: workerSession(session.sessionId, 'connecting') };
    expect(await command('restart')).toMatchObject({ status: 200, data: { status: 'CONNECTING' } });
  });
});

describe('deleting', () => {
  it('removes the session everywhere and frees its slot', async () => {
    worker.replies = { workerDeleteSession: { data: { sessionId: session.sessionId } } };
    expect(await remove()).toMatchObject({ status: 200, data: { status: 'DELETED' } });
    expect(await remove()).toMatchObject({ status: 404 });
    expect(await plane.call('GET', `/api/v1/sessions/${session.sessionId}`, { token })).toMatchObject({
      status: 404,
    });
    expect((await plane.call<{ sessions: [] }>('GET', '/api/v1/sessions', { token })).data.sessions).toEqual(
      [],
    );
    expect((await heartbeat()).assignedSessions).toEqual([]);
    const again = await createSession(plane, token);
    expect(await readSession(plane, again)).toMatchObject({ epoch: 2, authFloor: 2 });
  });

  it('answers 202 when the worker is gone; the record is gone for the tenant, and the purge follows', async () => {
    worker.replies = { workerDeleteSession: 'break' };
    expect(await remove()).toMatchObject({ status: 202 });
    expect(await plane.call('GET', `/api/v1/sessions/${session.sessionId}`, { token })).toMatchObject({
      status: 404,
    });
    expect((await heartbeat()).assignedSessions).toMatchObject([{ desired: 'deleted' }]);
    plane.clock.now += 31_000;
    worker.replies = { workerDeleteSession: { data: { sessionId: session.sessionId } } };
    await heartbeat();
    expect((await heartbeat()).assignedSessions).toEqual([]);
  });

  it('is carried out by the next worker where the owner never comes back', async () => {
    const { sessions } = plane.deps.stores;
    const parked = await sessions.unassign(session, { unplaced: false, desired: 'disconnected' });
    expect(parked).toBeDefined();
    plane.clock.now += 101_000;
    const { token: later } = {
      token: (
        await plane.deps.accessTokens.issue({
          userId: session.userId,
          accountKey: session.accountKey,
          role: 'USER',
        })
      ).accessToken,
    };
    expect(
      await plane.call('DELETE', `/api/v1/sessions/${session.sessionId}`, { token: later }),
    ).toMatchObject({ status: 202 });
    const next = await startFakeWorker();
    const { data } = await registerWorker(plane, { workerId: 'next', endpoint: next.endpoint });
    expect(data.assignedSessions).toMatchObject([{ sessionId: session.sessionId, desired: 'deleted' }]);
    await next.close();
  });
});
