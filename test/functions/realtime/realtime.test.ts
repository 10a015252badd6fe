import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { messageReportEvents } from '../../../shared/events/status-events.ts';
import { ServerFrame } from '../../../shared/realtime/schema.ts';
import {
  type ControlPlane,
  startControlPlane,
  WORKER_TOKEN,
} from '../../../testing/control-plane/control-plane.ts';
import {
  connectedSession,
  createSession,
  openSocket,
  readSession,
  sendFrame,
} from '../../../testing/control-plane/scenario.ts';

let plane: ControlPlane;
let token: string;
let sessionId: string;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.close());
beforeEach(async () => {
  token = (await plane.signUp('PRO')).token;
  sessionId = await createSession(plane, token);
});

const connect = (fields: object) =>
  plane.realtime({ requestContext: { routeKey: '$connect', connectionId: 'c' }, ...fields });
const frames = (connectionId: string) => plane.clients.framesOf(connectionId);
const events = (connectionId: string) => frames(connectionId).map(({ event }) => event);
const pushTo = async (id: string) =>
  plane.deps.push.toSession(
    { userId: (await readSession(plane, id)).userId, sessionId: id },
    messageReportEvents({ sessionId: id, messageId: 'm', status: 'sent' }, plane.clock.now),
  );

describe('opening a connection', () => {
  it('takes the token from the query', async () => {
    expect(await connect({ queryStringParameters: { token } })).toEqual({ statusCode: 200 });
  });

  it('takes the token from the sub-protocol, which is echoed', async () => {
    expect(await connect({ headers: { 'Sec-WebSocket-Protocol': `bearer, ${token}` } })).toEqual({
      statusCode: 200,
      headers: { 'Sec-WebSocket-Protocol': 'bearer' },
    });
  });

  it.each([
    ['no token', {}],
    ['a forged token', { queryStringParameters: { token: 'a.b.c' } }],
    ['an unknown key', { queryStringParameters: { token: 'sk_live_x' } }],
    ['a worker’s token', { queryStringParameters: { token: WORKER_TOKEN } }],
    ['another sub-protocol', { headers: { 'Sec-WebSocket-Protocol': 'chat' } }],
  ])('is refused before the socket opens with %s', async (_, fields) => {
    expect(await connect(fields)).toMatchObject({ statusCode: 401 });
  });

  it('is refused with an expired token', async () => {
    const { token: short } = await plane.signUp();
    plane.clock.now += 16 * 60_000;
    expect(await connect({ queryStringParameters: { token: short } })).toMatchObject({ statusCode: 401 });
  });
});

describe('a client’s frame', () => {
  it('is answered: ping with pong', async () => {
    const client = await openSocket(plane, token);
    await sendFrame(plane, client, { action: 'ping' });
    expect(events(client)).toEqual(['pong']);
  });

  it.each(['', 'not json', '[]', '{"action":"dance"}', '{"action":"subscribe"}'])(
    'that is malformed is answered with an error: %j',
    async (text) => {
      const client = await openSocket(plane, token);
      await sendFrame(plane, client, text);
      expect(frames(client)).toMatchObject([{ event: 'error', data: { code: 'VALIDATION_ERROR' } }]);
    },
  );

  it('to subscribe is answered with the state and the live QR at once', async () => {
    const created = await readSession(plane, sessionId);
    const owner = { workerId: 'w', endpoint: 'http://10.0.0.1:1', generation: 1 };
    const assigned = await plane.deps.stores.sessions.assign(created, owner);
    await plane.call('POST', '/api/v1/webhooks/session-status', {
      token: WORKER_TOKEN,
      body: { sessionId, epoch: assigned?.epoch, seq: 1, status: 'qr_required', qrString: '2@abc' },
    });
    const client = await openSocket(plane, token);
    await sendFrame(plane, client, { action: 'subscribe', sessionId });
    expect(frames(client)).toMatchObject([
      { event: 'subscribed', data: { sessionId } },
      { event: 'session_status_update', data: { sessionId, status: 'QR_REQUIRED' } },
      { event: 'qr_code_update', data: { sessionId, qrString: '2@abc' } },
    ]);
    for (const frame of frames(client)) expect(ServerFrame.safeParse(frame).success).toBe(true);
  });

  it('to subscribe to * is answered with the state of each own session', async () => {
    const second = await createSession(plane, token, 'Second');
    const client = await openSocket(plane, token);
    await sendFrame(plane, client, { action: 'subscribe', sessionId: '*' });
    expect(events(client)).toEqual(['subscribed', 'session_status_update', 'session_status_update']);
    expect(
      frames(client)
        .slice(1)
        .map(({ data }) => data['sessionId'])
        .sort(),
    ).toEqual([sessionId, second].sort());
  });

  it('to subscribe to another tenant’s session is answered exactly as to a missing one', async () => {
    const other = await openSocket(plane, (await plane.signUp()).token);
    await sendFrame(plane, other, { action: 'subscribe', sessionId });
    await sendFrame(plane, other, { action: 'subscribe', sessionId: 'nothing' });
    const [foreign, missing] = frames(other);
    expect(foreign).toMatchObject({ event: 'error', data: { code: 'NOT_FOUND' } });
    expect(foreign?.data).toEqual(missing?.data);
  });
});

describe('an event', () => {
  const subscribed = async (target: string, as = token) => {
    const client = await openSocket(plane, as);
    await sendFrame(plane, client, { action: 'subscribe', sessionId: target });
    frames(client).length = 0;
    return client;
  };

  it('reaches those who subscribed to its session or to *, and nobody else', async () => {
    const second = await createSession(plane, token, 'Second');
    const [one, all, other] = [await subscribed(sessionId), await subscribed('*'), await subscribed(second)];
    const stranger = await subscribed('*', (await plane.signUp()).token);
    const silent = await openSocket(plane, token);
    await pushTo(sessionId);
    expect([one, all, other, stranger, silent].map((client) => events(client).length)).toEqual([
      1, 1, 0, 0, 0,
    ]);
  });

  it('reaches administrators that listen to everything', async () => {
    const admin = await subscribed('*', (await plane.signUp('PRO', 'ADMIN')).token);
    await pushTo(sessionId);
    expect(events(admin)).toEqual(['message_status_update']);
  });

  it('does not reach a client that has unsubscribed', async () => {
    const client = await subscribed(sessionId);
    await sendFrame(plane, client, { action: 'unsubscribe', sessionId });
    await pushTo(sessionId);
    expect(events(client)).toEqual(['unsubscribed']);
  });

  it('to a client that has left forgets it', async () => {
    const client = await subscribed(sessionId);
    plane.clients.leave(client);
    await pushTo(sessionId);
    const { userId } = await readSession(plane, sessionId);
    expect(await plane.deps.stores.connections.listOfUser(userId)).toEqual([]);
    expect(await plane.deps.stores.connections.get(client)).toBeUndefined();
  });

  it('is not sent after the token of a connection has ended: the connection is closed', async () => {
    const client = await subscribed(sessionId);
    plane.clock.now += 16 * 60_000;
    await pushTo(sessionId);
    expect([events(client), plane.clients.closed.has(client)]).toEqual([[], true]);
  });

  it('reaches many clients though some have left', async () => {
    const clients = await Promise.all(Array.from({ length: 30 }, () => subscribed('*')));
    for (const client of clients.slice(0, 10)) plane.clients.leave(client);
    await pushTo(sessionId);
    expect(clients.filter((client) => events(client).length === 1)).toHaveLength(20);
  });
});

describe('a connection', () => {
  it('whose token has ended is closed at its next frame', async () => {
    const client = await openSocket(plane, token);
    plane.clock.now += 16 * 60_000;
    await sendFrame(plane, client, { action: 'ping' });
    expect([events(client), plane.clients.closed.has(client)]).toEqual([[], true]);
  });

  it('that ends is forgotten, and ending twice is no error', async () => {
    const session = await connectedSession(
      plane,
      token,
      { workerId: 'w', endpoint: 'http://10.0.0.1:1' },
      'More',
    );
    const client = await openSocket(plane, token);
    await sendFrame(plane, client, { action: 'subscribe', sessionId: '*' });
    for (let time = 0; time < 2; time += 1)
      expect(
        await plane.realtime({ requestContext: { routeKey: '$disconnect', connectionId: client } }),
      ).toEqual({ statusCode: 200 });
    expect(await plane.deps.stores.connections.listOfUser(session.userId)).toEqual([]);
  });
});
