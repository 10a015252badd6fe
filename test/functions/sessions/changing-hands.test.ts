import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { moveSession } from '../../../functions/administration/moves/move-session.ts';
import { declareDead } from '../../../functions/workers/supervision/declare-dead.ts';
import type { Session, SessionState } from '../../../shared/sessions/schema.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import {
  type ControlPlane,
  startControlPlane,
  WORKER_TOKEN,
} from '../../../testing/control-plane/control-plane.ts';
import {
  type FakeWorker,
  sends,
  startFakeWorker,
  workerSession,
} from '../../../testing/control-plane/fake-worker.ts';
import { connectedSession, readSession, registerWorker } from '../../../testing/control-plane/scenario.ts';

let plane: ControlPlane;
let a: FakeWorker;
let b: FakeWorker;
let token: string;
let session: SessionItem;
/** Events as they were handed to the queue of deliveries. */
let events: { type: string; id: string; data: Record<string, unknown> }[];

beforeEach(async () => {
  events = [];
  const send = async (messages: readonly { body: string }[]) => {
    for (const { body } of messages) events.push(JSON.parse(JSON.parse(body).payload));
  };
  const queue = { send: async () => undefined };
  plane = await startControlPlane({
    queues: { deliveries: { send }, deadLetters: queue, outbox: queue },
  });
  [a, b] = await Promise.all([startFakeWorker({ workerSend: sends }), startFakeWorker(takes)]);
  token = (await plane.signUp()).token;
  await registerWorker(plane, { workerId: 'a', endpoint: a.endpoint, bootId: 'boot-a' });
  await registerWorker(plane, { workerId: 'b', endpoint: b.endpoint });
  session = await connectedSession(plane, token, { workerId: 'a', endpoint: a.endpoint });
});
afterEach(() => Promise.all([a.close(), b.close(), plane.close()]));

const takes = {
  workerSend: sends,
  workerStartSession: ({ body }: { body: Record<string, unknown> }) =>
    workerSession(String(body['sessionId']), 'connecting'),
};
const path = () => `/api/v1/sessions/${session.sessionId}`;
const post = (more: object = {}) =>
  plane.call('POST', `${path()}/send`, {
    token,
    body: { to: '6281234567890', type: 'text', message: 'hello', ...more },
  });
const report = async (status: string) => {
  const { sessionId, epoch, seq = 0 } = await readSession(plane, session.sessionId);
  const body = { sessionId, epoch, seq: seq + 1, status };
  return await plane.call('POST', '/api/v1/webhooks/session-status', { token: WORKER_TOKEN, body });
};
const beginMove = async () => {
  a.replies = { workerSend: sends, workerReleaseSession: 'break' };
  expect(await moveSession(plane.deps, session, { requestId: 'r' })).toBe('moving');
};
const finishMove = async () => {
  a.replies = { workerReleaseSession: { data: { sessionId: session.sessionId, phoneNumber: null } } };
  const current = await readSession(plane, session.sessionId);
  expect(await moveSession(plane.deps, current, { requestId: 'r' })).toBe('migrated');
};

describe('a send while the session changes hands', () => {
  it('is asked to come again in a moment, from the beginning of the move until its next owner is connected', async () => {
    const moving = { status: 503, code: 'SESSION_MOVING' };
    await beginMove();
    const answer = await post();
    expect(answer).toMatchObject(moving);
    expect(answer.headers['retry-after']).toBe('3');
    await finishMove();
    expect(await post()).toMatchObject(moving);
    for (const status of ['connecting', 'reconnecting']) {
      await report(status);
      expect(await post()).toMatchObject(moving);
    }
    await report('connected');
    expect(await post()).toMatchObject({ status: 200 });
    expect(a.callsOf('workerSend')).toEqual([]);
    expect(b.callsOf('workerSend')).toHaveLength(1);
  });

  it('by the outbox is accepted and waits', async () => {
    await beginMove();
    expect(await post({ async: true })).toMatchObject({ status: 202, data: { status: 'pending' } });
  });

  it('is asked to come again after its worker’s death, too', async () => {
    await declareDead(plane.deps, 'a', { requestId: 'r' });
    expect(await post()).toMatchObject({ status: 503, code: 'SESSION_MOVING' });
  });

  it('is refused as not connected where the session has not come back for long', async () => {
    await beginMove();
    await finishMove();
    plane.clock.now += 121_000;
    token = (await plane.deps.accessTokens.issue({ ...session, role: 'USER' })).accessToken;
    expect(await post()).toMatchObject({ status: 409, code: 'SESSION_NOT_CONNECTED' });
  });
});

describe('webhooks', () => {
  it('are told of a move as a reconnection, once, and never of a disconnection', async () => {
    const body = { url: 'https://example.com/hook', events: ['session.status'] };
    expect((await plane.call('POST', '/api/v1/webhooks', { token, body })).status).toBe(201);
    await beginMove();
    await report('disconnected');
    await finishMove();
    await report('connected');
    const told = events.map(({ type, data }) => [type, data['status']]);
    expect(told).toEqual([
      ['session.status', 'RECONNECTING'],
      ['session.status', 'CONNECTED'],
    ]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
  });
});

describe('a status that nobody confirms any more', () => {
  const look = async () => (await plane.call<SessionState>('GET', `${path()}/status`, { token })).data;

  it('keeps its value and says so after two intervals, until the worker is heard of again', async () => {
    plane.clock.now += 15_000;
    expect(await look()).toMatchObject({ status: 'CONNECTED', confirmed: true });
    plane.clock.now += 5_000;
    const shown = await look();
    expect(shown).toMatchObject({ status: 'CONNECTED', confirmed: false });
    expect(Date.parse(shown.confirmedAt ?? '')).toBe(plane.clock.now - 20_000);
    const { data } = await plane.call<{ sessions: Session[] }>('GET', '/api/v1/sessions', { token });
    expect(data.sessions).toMatchObject([{ confirmed: false, confirmedAt: shown.confirmedAt }]);
    await plane.call('PUT', '/api/v1/workers/a/heartbeat', { token: WORKER_TOKEN, body: { generation: 1 } });
    expect(await look()).toMatchObject({ status: 'CONNECTED', confirmed: true });
  });

  it('of a session that no worker has is certain', async () => {
    const { sessions } = plane.deps.stores;
    await sessions.unassign(session, { unplaced: false, desired: 'disconnected', status: 'DISCONNECTED' });
    plane.clock.now += 60_000;
    expect(await look()).toMatchObject({ status: 'DISCONNECTED', confirmed: true, confirmedAt: null });
  });
});
