import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { declareDead } from '../../../../functions/workers/supervision/declare-dead.ts';
import { superviseWorkers } from '../../../../functions/workers/supervision/supervise-workers.ts';
import type { SessionItem } from '../../../../shared/sessions/session-item.ts';
import type { HeartbeatAnswer } from '../../../../shared/workers/schema.ts';
import {
  type ControlPlane,
  startControlPlane,
  WORKER_TOKEN,
} from '../../../../testing/control-plane/control-plane.ts';
import {
  type FakeWorker,
  startFakeWorker,
  workerSession,
} from '../../../../testing/control-plane/fake-worker.ts';
import { connectedSession, readSession, registerWorker } from '../../../../testing/control-plane/scenario.ts';

let plane: ControlPlane;
let token: string;
let workers: Record<'a' | 'b' | 'c', FakeWorker>;

const takesAll = {
  workerStartSession: ({ body }: { body: Record<string, unknown> }) =>
    workerSession(String(body['sessionId']), 'connecting'),
  workerReleaseSession: ({ params }: { params: Record<string, string> }) => ({
    data: { sessionId: params['sessionId'] ?? '', phoneNumber: null },
  }),
};

beforeEach(async () => {
  plane = await startControlPlane();
  token = (await plane.signUp('MAX')).token;
  const [a, b, c] = await Promise.all([0, 1, 2].map(() => startFakeWorker(takesAll)));
  if (a === undefined || b === undefined || c === undefined) throw new Error('not started');
  workers = { a, b, c };
});
afterEach(async () => {
  await Promise.all([...Object.values(workers).map((each) => each.close()), plane.close()]);
});

const register = (workerId: 'a' | 'b' | 'c', maxSessions = 50) =>
  registerWorker(plane, { workerId, endpoint: workers[workerId].endpoint, maxSessions, bootId: workerId });
const connected = (workerId: 'a' | 'b' | 'c', name: string) =>
  connectedSession(plane, token, { workerId, endpoint: workers[workerId].endpoint }, name);
const beat = (workerId: string, sessions: object[]) =>
  plane.call<HeartbeatAnswer>('PUT', `/api/v1/workers/${workerId}/heartbeat`, {
    token: WORKER_TOKEN,
    body: { generation: 1, sessions },
  });
const startedOn = (workerId: 'a' | 'b' | 'c') =>
  workers[workerId].callsOf('workerStartSession').map(({ body }) => body['sessionId']);
const held = ({ sessionId, epoch }: SessionItem, recentMessages = 0) => ({
  ...{ sessionId, epoch, recentMessages },
  status: 'connected',
});
const messagesOf = (sessions: readonly SessionItem[], session: SessionItem) =>
  4 ** (5 - sessions.indexOf(session));
const look = () => superviseWorkers(plane.deps, { requestId: 'r' });

describe('the sessions of a dead worker', () => {
  it('spread over the others, although none of these has told yet what it was given', async () => {
    for (const workerId of ['a', 'b', 'c'] as const) await register(workerId);
    for (let index = 0; index < 12; index += 1) await connected('a', `S${index}`);
    await declareDead(plane.deps, 'a', { requestId: 'r' });
    expect([startedOn('b').length, startedOn('c').length]).toEqual([6, 6]);
  });

  it('come back in the order of how busy they are', async () => {
    await register('a');
    const sessions: SessionItem[] = [];
    for (let index = 0; index < 4; index += 1) sessions.push(await connected('a', `S${index}`));
    const messages = [0, 5_000, 20, 900];
    await beat(
      'a',
      sessions.map((session, index) => held(session, messages[index])),
    );
    await declareDead(plane.deps, 'a', { requestId: 'r' });
    const { data } = await register('b', 2);
    const byId = new Map(sessions.map(({ sessionId }, index) => [sessionId, messages[index]]));
    expect(data.assignedSessions.map(({ sessionId }) => byId.get(sessionId))).toEqual([5_000, 900]);
  });
});

describe('a worker that comes back with less room than it has sessions', () => {
  it('takes the busiest, and leaves the rest to others', async () => {
    await register('a');
    const [idle, busy] = [await connected('a', 'Idle'), await connected('a', 'Busy')];
    await beat('a', [held(idle), held(busy, 100)]);
    const again = await registerWorker(plane, {
      ...{ workerId: 'a', endpoint: workers.a.endpoint },
      ...{ maxSessions: 1, bootId: 'again' },
    });
    expect(again.data.assignedSessions.map(({ sessionId }) => sessionId)).toEqual([busy.sessionId]);
    expect(await readSession(plane, idle.sessionId)).toMatchObject({
      status: 'RECONNECTING',
      desired: 'connected',
    });
    await register('b');
    const { data } = await beat('b', []);
    const taken = [...startedOn('b'), ...data.assignedSessions.map(({ sessionId }) => sessionId)];
    expect(taken).toContain(idle.sessionId);
  });
});

describe('a worker that joins', () => {
  /** Six of eight places of `a` are taken; what each session has had to do is its index. */
  async function crowd(): Promise<SessionItem[]> {
    await register('a', 8);
    const sessions: SessionItem[] = [];
    for (let index = 0; index < 6; index += 1) sessions.push(await connected('a', `S${index}`));
    await beat(
      'a',
      sessions.map((session) => held(session, messagesOf(sessions, session))),
    );
    plane.clock.now += 16 * 60_000;
    await beat(
      'a',
      sessions.map((session) => held(session, messagesOf(sessions, session))),
    );
    await register('b', 8);
    return sessions;
  }

  it('is given one session with each look, the idlest first, until the rest is no great difference', async () => {
    const sessions = await crowd();
    const here = new Set(sessions);
    const moved: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      await look();
      const now = startedOn('b').map(String);
      expect(now.length - moved.length).toBeLessThanOrEqual(1);
      moved.splice(0, moved.length, ...now);
      for (const session of here) if (now.includes(session.sessionId)) here.delete(session);
      plane.clock.now += 10_000;
      await beat(
        'a',
        [...here].map((session) => held(session, messagesOf(sessions, session))),
      );
      await beat(
        'b',
        now.map((sessionId) => ({ sessionId, status: 'connected', epoch: 2 })),
      );
    }
    expect(moved).toEqual(
      sessions
        .toReversed()
        .slice(0, 2)
        .map(({ sessionId }) => sessionId),
    );
  });

  it('is given nothing that has come to its worker only just now', async () => {
    await register('a', 8);
    const sessions: SessionItem[] = [];
    for (let index = 0; index < 6; index += 1) sessions.push(await connected('a', `S${index}`));
    await beat(
      'a',
      sessions.map((session) => held(session)),
    );
    await register('b', 8);
    await look();
    expect(startedOn('b')).toEqual([]);
  });

  it('is given nothing while another worker is being emptied', async () => {
    await crowd();
    await register('c', 8);
    await plane.deps.stores.workers.setWanted('c', { status: 'DRAINING' });
    await look();
    expect(startedOn('b')).toEqual([]);
  });
});
