import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStores } from '../../functions/create-deps.ts';
import type { Stores } from '../../functions/deps.ts';
import { accountItemKey, accountKeyOf } from '../../shared/accounts/account-item.ts';
import type { Login } from '../../shared/accounts/schema.ts';
import type { RouteDeclaration } from '../../shared/contract/route.ts';
import { errorsOf } from '../../shared/contract/route-errors.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import { sessionKey } from '../../shared/sessions/session-item.ts';
import { changeSettings, DEFAULT_SETTINGS } from '../../shared/sessions/settings.ts';
import { openTable } from '../../shared/table/table.ts';
import { type ControlPlane, startControlPlane } from '../../testing/control-plane/control-plane.ts';
import { refusedEndpoint } from '../../testing/control-plane/fake-worker.ts';
import {
  connectedSession,
  createSession,
  readSession,
  registerWorker,
} from '../../testing/control-plane/scenario.ts';
import { named } from './law-callers.ts';
import { validRequest } from './valid-request.ts';

const routes: readonly RouteDeclaration[] = controlRoutes;
const changing = routes.filter(
  (route) => route.group === 'sessions' && errorsOf(route).includes('SESSION_MOVING'),
);
const PASSWORD = 'a long pass phrase';

describe('someone who is always faster', () => {
  let plane: ControlPlane;
  /** The same table, as another process has it. */
  let other: Stores;
  /** By the item's partition key: what the other does just before each of our writes to it. */
  const rivals = new Map<string, () => Promise<unknown>>();

  beforeAll(async () => {
    plane = await startControlPlane();
    const { table, client, tableName } = plane.local;
    other = createStores(openTable(client, tableName), plane.deps.now);
    const { update } = table;
    table.update = async (key, change, schema) => {
      await rivals.get(key.pk)?.();
      return await update(key, change, schema);
    };
  });
  afterAll(() => plane.close());

  /** Before each write: another wish, and other settings. */
  function contest(sessionId: string): void {
    rivals.set(sessionKey(sessionId).pk, async () => {
      const session = await readSession(plane, sessionId);
      const wished = await other.sessions.wish(session, session.desired);
      const before = session.settings ?? DEFAULT_SETTINGS;
      const settings = changeSettings(before, { history: !before.history }, plane.clock.now);
      if (wished === undefined || (await other.sessions.configure(wished, {}, settings)) === undefined)
        throw new Error('the rival was too slow');
    });
  }

  function contestAccount(email: string): void {
    rivals.set(accountItemKey(accountKeyOf(email)).pk, async () => {
      const account = await other.accounts.findByEmail(email);
      if (account === undefined || (await other.accountChanges.rename(account, 'Rival')) === undefined)
        throw new Error('the rival was too slow');
    });
  }

  it.each(named(changing))('has %s say that the session is changing hands', async (_, route) => {
    const { token } = await plane.signUp();
    const endpoint = refusedEndpoint();
    await registerWorker(plane, { workerId: 'w', endpoint });
    const isLinking = route.id === 'requestPairingCode';
    const { sessionId } = isLinking
      ? { sessionId: await createSession(plane, token) }
      : await connectedSession(plane, token, { workerId: 'w', endpoint });
    // A session that is where it should be is not written to.
    if (route.id === 'connectSession')
      await other.sessions.wish(await readSession(plane, sessionId), 'disconnected');
    contest(sessionId);
    const body = route.id === 'updateSession' ? { settings: { history: false } } : {};
    const { path, body: sent } = validRequest(route, { params: { sessionId }, body });
    const answer = await plane.call(route.method, path, { token, body: sent });
    expect([answer.status, answer.code], answer.text).toEqual([503, 'SESSION_MOVING']);
  });

  it('someone who is always faster keeps an account from being deleted while one of its sessions changes hands', async () => {
    const [{ token, userId }, admin] = [await plane.signUp(), await plane.signUp('PRO', 'ADMIN')];
    const sessionId = await createSession(plane, token);
    contest(sessionId);
    const remove = () => plane.call('DELETE', `/api/v1/users/${userId}`, { token: admin.token });
    expect(await remove()).toMatchObject({ status: 503, code: 'SESSION_MOVING' });
    rivals.clear();
    expect(await remove()).toMatchObject({ status: 200, data: { userId, sessionsRemoved: 1 } });
  });

  it('someone who is always faster has changes of an account refused as a conflict, and nothing is lost', async () => {
    const email = 'contested@example.com';
    const registered = await plane.call<Login>('POST', '/api/v1/auth/register', {
      body: { email, password: PASSWORD, name: 'Ada' },
    });
    const { accessToken: token, user } = registered.data;
    const { token: admin } = await plane.signUp('PRO', 'ADMIN');
    contestAccount(email);
    const body = { currentPassword: PASSWORD, newPassword: 'another pass phrase' };
    for (const answer of [
      await plane.call('PUT', '/api/v1/users/profile', { token, body: { name: 'Mine' } }),
      await plane.call('PUT', '/api/v1/users/password', { token, body }),
      await plane.call('PUT', `/api/v1/users/${user.userId}`, { token: admin, body: { tier: 'MAX' } }),
      await plane.call('DELETE', `/api/v1/users/${user.userId}`, { token: admin }),
    ])
      expect([answer.status, answer.code], answer.text).toEqual([409, 'CONFLICT']);
    rivals.clear();
    expect(await plane.call('GET', '/api/v1/users/profile', { token })).toMatchObject({
      status: 200,
      data: { name: 'Rival', tier: user.tier },
    });
  });
});
