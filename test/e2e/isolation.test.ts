import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiError } from '../../shared/contract/api-error.ts';
import { type Gateway, linkSession, startGateway, type Tenant } from '../../testing/harness/gateway.ts';

const NUMBER = '6281200000011';
const FRIEND = '6281200000012';

describe('two tenants', () => {
  let gateway: Gateway;
  let ada: Tenant;
  let eve: Tenant;

  beforeAll(async () => {
    gateway = await startGateway();
    [ada, eve] = await Promise.all([gateway.signUp('ada'), gateway.signUp('eve')]);
    await gateway.sandbox.addContact({ number: FRIEND });
  });
  afterAll(() => gateway.close());

  it('never see each other’s QR codes, states and messages over WebSocket', async () => {
    const [adaLive, eveLive] = await Promise.all([ada.live(), eve.live()]);
    await eveLive.subscribe('*');
    const { sessionId } = await linkSession(gateway, ada, NUMBER, adaLive);
    await expect(eveLive.subscribe(sessionId)).rejects.toThrow(/no session/i);
    const { ids } = await gateway.sandbox.send(FRIEND, { to: NUMBER, text: 'for Ada only' });
    await adaLive.waitFor('message_received', ({ id }) => ids.includes(id));
    // A pong comes after whatever was pushed before it.
    eveLive.send({ action: 'ping' });
    await eveLive.waitFor('pong');
    const foreign = eveLive.frames.filter(({ data }) => 'sessionId' in data && data.sessionId === sessionId);
    expect(foreign).toEqual([]);
  });

  it('get the answer of a missing session for each other’s, on every session route', async () => {
    const { data } = await ada.api.listSessions({});
    const theirs = data.sessions[0]?.sessionId ?? '';
    expect(theirs).not.toBe('');
    const body = { to: FRIEND, type: 'text', message: 'hi' };
    const calls = (sessionId: string) => [
      eve.api.getSession({ params: { sessionId } }),
      eve.api.getSessionStatus({ params: { sessionId } }),
      eve.api.getSessionQr({ params: { sessionId } }),
      eve.api.connectSession({ params: { sessionId } }),
      eve.api.disconnectSession({ params: { sessionId } }),
      eve.api.logoutSession({ params: { sessionId } }),
      eve.api.restartSession({ params: { sessionId } }),
      eve.api.deleteSession({ params: { sessionId } }),
      eve.api.sendMessage({ params: { sessionId }, body }),
      eve.api.listMessages({ params: { sessionId } }),
    ];
    const outcome = async (call: Promise<unknown>) => {
      const error: unknown = await call.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      return error instanceof ApiError ? [error.status, error.code, error.message] : ['answered'];
    };
    const [foreign, missing] = await Promise.all([
      Promise.all(calls(theirs).map(outcome)),
      Promise.all(calls(`${eve.userId}-nothing`).map(outcome)),
    ]);
    expect(foreign).toEqual(missing);
    expect(new Set(foreign.map(([status]) => status))).toEqual(new Set([404]));
    expect((await ada.api.getSession({ params: { sessionId: theirs } })).data.status).toBe('CONNECTED');
  });

  it('find only their own sessions in their lists', async () => {
    const { data } = await eve.api.createSession({ body: { name: 'mine' } });
    const lists = await Promise.all([ada.api.listSessions({}), eve.api.listSessions({})]);
    expect(lists.map((list) => list.data.sessions.map(({ sessionId }) => sessionId))).toEqual([
      [expect.not.stringContaining(eve.userId)],
      [data.sessionId],
    ]);
  });

  it.each([
    ['a forged token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl'],
    ['no sense at all', 'nonsense'],
  ])('are refused a WebSocket with %s, before it opens', async (_, token) => {
    await expect(gateway.openLive(token)).rejects.toThrow(/refused/);
  });
});
