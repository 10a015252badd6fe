import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountKeyOf } from '../../../shared/accounts/account-item.ts';
import { newSlot } from '../../../shared/accounts/session-slot.ts';
import type { Session } from '../../../shared/sessions/schema.ts';
import { type ControlPlane, startControlPlane } from '../../../testing/control-plane/control-plane.ts';
import { createSession } from '../../../testing/control-plane/scenario.ts';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.close());

const create = (token: string, name: string) =>
  plane.call<Session>('POST', '/api/v1/sessions', { token, body: { name } });
const list = async (token: string, query: Record<string, string> = {}) =>
  (
    await plane.call<{ sessions: Session[]; pagination: { cursor: string | null; hasMore: boolean } }>(
      'GET',
      '/api/v1/sessions',
      { token, query },
    )
  ).data;

describe('creating a session', () => {
  it('creating a session answers 201 with a DISCONNECTED record, and touches no worker', async () => {
    const { token, userId } = await plane.signUp();
    const { status, data } = await create(token, 'My Phone_2');
    expect(status).toBe(201);
    expect(data).toMatchObject({
      sessionId: `${userId}-my-phone-2`,
      name: 'My Phone_2',
      status: 'DISCONNECTED',
    });
  });

  it('creating a session lets exactly five of a hundred through at once on the PRO tier', async () => {
    const { token } = await plane.signUp('PRO');
    const tries = await Promise.all(
      Array.from({ length: 100 }, (_, index) => create(token, `phone ${index}`)),
    );
    expect(tries.filter(({ status }) => status === 201)).toHaveLength(5);
    for (const { status, code } of tries.filter((each) => each.status !== 201))
      expect([status, code]).toEqual([403, 'SESSION_LIMIT_REACHED']);
    expect((await list(token)).sessions).toHaveLength(5);
    // A hundred at once on a busy machine take what they take.
  }, 120_000);

  it('creating a session of one name happens once, also when tried at once, and costs one slot', async () => {
    const { token } = await plane.signUp('PRO');
    const tries = await Promise.all(Array.from({ length: 4 }, () => create(token, 'same')));
    expect(tries.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    for (let index = 0; index < 4; index += 1)
      expect((await create(token, `more ${index}`)).status).toBe(201);
    expect((await create(token, 'same')).code).toBe('SESSION_EXISTS');
  });

  it('creating a session is not kept from a slot by a creation that broke off more than a minute ago', async () => {
    const { token } = await plane.signUp('BASIC');
    const { acc } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      acc: string;
    };
    expect(acc).toHaveLength(accountKeyOf('x').length);
    await plane.deps.stores.accounts.takeSlot(acc, newSlot('lost', plane.clock.now), 1);
    expect((await create(token, 'phone')).status).toBe(403);
    plane.clock.now += 61_000;
    expect((await create(token, 'phone')).status).toBe(201);
    expect((await create(token, 'second')).status).toBe(403);
  });

  it('creating a session names a session without Latin letters too', async () => {
    const { token, userId } = await plane.signUp();
    const { data } = await create(token, 'Телефон');
    expect(data.sessionId).toMatch(new RegExp(`^${userId}-[0-9a-f]{12}$`));
  });
});

describe('listing sessions', () => {
  it('listing sessions shows one’s own only, page by page', async () => {
    const [mine, theirs] = await Promise.all([plane.signUp('PRO'), plane.signUp('PRO')]);
    const names = ['a', 'b', 'c'];
    await Promise.all(names.map((name) => createSession(plane, mine.token, name)));
    await createSession(plane, theirs.token, 'd');
    const first = await list(mine.token, { limit: '2' });
    expect([first.sessions.map(({ name }) => name), first.pagination.hasMore]).toEqual([['a', 'b'], true]);
    const second = await list(mine.token, { limit: '2', cursor: first.pagination.cursor ?? '' });
    expect([second.sessions.map(({ name }) => name), second.pagination]).toEqual([
      ['c'],
      { limit: 2, cursor: null, hasMore: false },
    ]);
  });
});

describe('another tenant’s session', () => {
  it.each([
    ['GET', ''],
    ['DELETE', ''],
    ['GET', '/status'],
    ['GET', '/qr'],
    ['POST', '/connect'],
    ['POST', '/disconnect'],
    ['POST', '/logout'],
    ['POST', '/restart'],
  ])('another tenant’s session is answered by %s …%s exactly as a missing one', async (method, rest) => {
    const [mine, theirs] = await Promise.all([plane.signUp(), plane.signUp()]);
    const sessionId = await createSession(plane, theirs.token, 'secret');
    const headers = { 'x-request-id': 'same' };
    const [foreign, missing] = await Promise.all(
      [sessionId, 'nothing-here'].map((id) =>
        plane.call(method, `/api/v1/sessions/${id}${rest}`, { token: mine.token, headers }),
      ),
    );
    expect([foreign?.status, foreign?.text]).toEqual([missing?.status, missing?.text]);
    expect(foreign).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });
});
