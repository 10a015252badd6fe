import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureAdmin } from '../../../functions/accounts/ensure-admin.ts';
import type { Account, Login, User } from '../../../shared/accounts/schema.ts';
import { type ControlPlane, startControlPlane } from '../../../testing/control-plane/control-plane.ts';
import { startFakeWorker } from '../../../testing/control-plane/fake-worker.ts';
import { createInstantQueue } from '../../../testing/control-plane/instant-queue.ts';
import {
  connectedSession,
  createSession,
  listener,
  openSocket,
} from '../../../testing/control-plane/scenario.ts';

let plane: ControlPlane;
/** On a line of its own. */
const TOKEN = /^[\w-]{43}$/m;
/** As a developer finds them: in the log. */
const resetTokens: string[] = [];
let people = 0;

beforeAll(async () => {
  const write = (line: string) => {
    const { subject, text } = JSON.parse(line) as { subject?: string; text?: string };
    if (subject === 'Your password reset') resetTokens.push(...(text?.match(TOKEN) ?? []));
  };
  plane = await startControlPlane({ log: pino({ level: 'info' }, { write }) });
  plane.deps.queues.deliveries = createInstantQueue(() => plane.deps);
});
afterAll(() => plane.close());

const PASSWORD = 'correct horse';
async function person() {
  people += 1;
  const email = `person-${people}@example.com`;
  const body = { email, password: PASSWORD, name: 'Ada' };
  const { data } = await plane.call<Login>('POST', '/api/v1/auth/register', { body });
  return { email, token: data.accessToken, refreshToken: data.refreshToken, userId: data.user.userId };
}
const login = (email: string, password = PASSWORD, sourceIp = '203.0.113.1') =>
  plane.call<Login>('POST', '/api/v1/auth/login', { body: { email, password }, sourceIp });
const profile = (token: string) => plane.call<User>('GET', '/api/v1/users/profile', { token });
const change = (token: string, body: object) =>
  plane.call<User>('PUT', '/api/v1/users/profile', { token, body });
const refresh = (refreshToken: string) =>
  plane.call<Login>('POST', '/api/v1/auth/refresh', { body: { refreshToken } });
const admin = async () => (await plane.signUp('PRO', 'ADMIN')).token;

describe('an e-mail address', () => {
  it('an e-mail address changes hands, with everything of the account staying in its place', async () => {
    const { email, token, userId } = await person();
    const sessionId = await createSession(plane, token);
    const next = `next-${email}`;
    expect((await change(token, { email: next, name: 'Grace' })).data).toMatchObject({
      userId,
      email: next,
      name: 'Grace',
    });
    expect((await login(next)).data.user.userId).toBe(userId);
    expect((await login(email)).status).toBe(401);
    expect((await plane.call('GET', `/api/v1/sessions/${sessionId}`, { token })).status).toBe(200);
    const again = await plane.call<Login>('POST', '/api/v1/auth/register', {
      body: { email, password: PASSWORD, name: 'New' },
    });
    expect(again.status).toBe(201);
    expect(again.data.user.userId).not.toBe(userId);
    expect((await login(email)).data.user.userId).toBe(again.data.user.userId);
    expect((await change(token, { email })).code).toBe('ACCOUNT_EXISTS');
  });

  it('an e-mail address goes to one of all who want it at once', async () => {
    const wanting = [await person(), await person(), await person()];
    const email = `wanted-${people}@example.com`;
    const answers = await Promise.all(wanting.map(({ token }) => change(token, { email })));
    const winners = answers.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    expect(answers.filter(({ code }) => code === 'ACCOUNT_EXISTS')).toHaveLength(2);
    expect((await login(email)).data.user.userId).toBe(winners[0]?.data.userId);
  });

  it('an e-mail address can be given up and taken back', async () => {
    const { email, token, userId } = await person();
    await change(token, { email: `away-${email}` });
    expect((await change(token, { email })).status).toBe(200);
    expect((await login(email)).data.user.userId).toBe(userId);
    expect((await login(`away-${email}`)).status).toBe(401);
  });

  it('an e-mail address held for nothing by a change that broke off is free after a minute', async () => {
    const { email, token } = await person();
    const wanted = `broken-${email}`;
    const { accountChanges, accounts } = plane.deps.stores;
    const account = await accounts.findByEmail(email);
    if (account === undefined) throw new Error('no account');
    // Claimed, but never written on the account: someone else changed that meanwhile.
    expect(await accountChanges.changeEmail({ ...account, rev: 99 }, wanted)).toBeUndefined();
    const body = { email: wanted, password: PASSWORD, name: 'New' };
    expect((await plane.call('POST', '/api/v1/auth/register', { body })).status).toBe(201);
    expect((await change(token, { email: wanted })).code).toBe('ACCOUNT_EXISTS');
  });
});

describe('a password', () => {
  it('a password ends every other login when it is changed, and leaves API keys alone', async () => {
    const { email, token, refreshToken } = await person();
    const key = await plane.call<{ apiKey: string }>('POST', '/api/v1/users/api-keys', { token, body: {} });
    const [socket, keySocket] = [await listener(plane, token), await listener(plane, key.data.apiKey)];
    const body = { currentPassword: PASSWORD, newPassword: 'battery staple' };
    const changed = await plane.call<Login>('PUT', '/api/v1/users/password', { token, body });
    expect(changed.status).toBe(200);
    expect((await profile(token)).code).toBe('UNAUTHORIZED');
    expect((await refresh(refreshToken)).code).toBe('UNAUTHORIZED');
    expect((await profile(changed.data.accessToken)).status).toBe(200);
    expect((await refresh(changed.data.refreshToken)).status).toBe(200);
    expect((await plane.call('GET', '/api/v1/sessions', { token: key.data.apiKey })).status).toBe(200);
    expect([socket, keySocket].map((each) => plane.clients.closed.has(each))).toEqual([true, false]);
    await expect(openSocket(plane, token)).rejects.toThrow('401');
    expect([(await login(email)).status, (await login(email, 'battery staple')).status]).toEqual([401, 200]);
  });

  it('a password is not changed without the current one', async () => {
    const { token } = await person();
    const body = { currentPassword: 'wrong', newPassword: 'battery staple' };
    expect((await plane.call('PUT', '/api/v1/users/password', { token, body })).code).toBe('FORBIDDEN');
    expect((await profile(token)).status).toBe(200);
  });

  it('a password is reset once with the token, which ends every login', async () => {
    const { email, token, refreshToken } = await person();
    const ask = (address: string) =>
      plane.call('POST', '/api/v1/auth/password-reset', { body: { email: address } });
    const known = await ask(email);
    const unknown = await ask(`nobody-${email}`);
    expect([known.status, known.body.message]).toEqual([unknown.status, unknown.body.message]);
    const resetToken = resetTokens.at(-1) ?? '';
    const confirm = (password: string, shown = resetToken) =>
      plane.call('POST', '/api/v1/auth/password-reset/confirm', { body: { token: shown, password } });
    expect((await confirm('from the mail', 'x'.repeat(43))).code).toBe('FORBIDDEN');
    expect((await confirm('from the mail')).status).toBe(200);
    expect((await confirm('once more')).code).toBe('FORBIDDEN');
    expect((await profile(token)).code).toBe('UNAUTHORIZED');
    expect((await refresh(refreshToken)).code).toBe('UNAUTHORIZED');
    expect((await login(email, 'from the mail')).status).toBe(200);
  });

  it('a password is reset by one of two tokens, and by none after an hour', async () => {
    const { email } = await person();
    const ask = () => plane.call('POST', '/api/v1/auth/password-reset', { body: { email } });
    const confirm = (token: string) =>
      plane.call('POST', '/api/v1/auth/password-reset/confirm', { body: { token, password: 'another one' } });
    await ask();
    await ask();
    const [first = '', second = ''] = resetTokens.slice(-2);
    expect([(await confirm(first)).status, (await confirm(second)).status]).toEqual([200, 403]);
    await ask();
    plane.clock.now += 3_600_000;
    expect((await confirm(resetTokens.at(-1) ?? '')).status).toBe(403);
  });

  it('a password is guessed at slowly, and strangers do not lock its owner out', async () => {
    const { email } = await person();
    expect((await login(email, PASSWORD, '203.0.113.50')).status).toBe(200);
    const guesses = async (count: number, addressOf: (index: number) => string) => {
      const answers = [];
      for (let index = 0; index < count; index += 1)
        answers.push(await login(email, `guess ${index}`, addressOf(index)));
      return answers.map(({ status }) => status);
    };
    const fromOne = await guesses(25, () => '198.51.100.9');
    expect(fromOne.filter((status) => status === 401)).toHaveLength(20);
    expect(fromOne.filter((status) => status === 429)).toHaveLength(5);
    const fromMany = await guesses(110, (index) => `192.0.2.${index}`);
    expect(fromMany).toContain(429);
    const refused = await login(email, PASSWORD, '192.0.2.200');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await login(email, PASSWORD, '203.0.113.50')).status).toBe(200);
  });
});

describe('administrators', () => {
  it('administrators disable an account: its tokens, keys and connections end, and come back with it', async () => {
    const { email, token, refreshToken, userId } = await person();
    const key = await plane.call<{ apiKey: string }>('POST', '/api/v1/users/api-keys', { token, body: {} });
    const [socket, keySocket] = [await listener(plane, token), await listener(plane, key.data.apiKey)];
    const set = async (body: object) =>
      await plane.call<Account>('PUT', `/api/v1/users/${userId}`, { token: await admin(), body });
    expect((await set({ disabled: true })).data).toMatchObject({ disabled: true });
    expect((await profile(token)).status).toBe(401);
    expect((await refresh(refreshToken)).status).not.toBe(200);
    expect((await plane.call('GET', '/api/v1/sessions', { token: key.data.apiKey })).status).toBe(401);
    expect([socket, keySocket].map((each) => plane.clients.closed.has(each))).toEqual([true, true]);
    await expect(openSocket(plane, key.data.apiKey)).rejects.toThrow('401');
    expect((await login(email)).code).toBe('FORBIDDEN');
    await set({ disabled: false });
    expect((await login(email)).status).toBe(200);
    expect((await plane.call('GET', '/api/v1/sessions', { token: key.data.apiKey })).status).toBe(200);
  });

  it('administrators take an administrator’s rights away at once, and never their own', async () => {
    const [boss, other] = [await plane.signUp('PRO', 'ADMIN'), await plane.signUp('PRO', 'ADMIN')];
    const set = (userId: string, body: object) =>
      plane.call('PUT', `/api/v1/users/${userId}`, { token: boss.token, body });
    expect((await set(boss.userId, { role: 'USER' })).code).toBe('CONFLICT');
    expect((await set(boss.userId, { disabled: true })).code).toBe('CONFLICT');
    expect((await set(other.userId, { role: 'USER' })).status).toBe(200);
    expect((await plane.call('GET', '/api/v1/users', { token: other.token })).code).toBe('UNAUTHORIZED');
  });

  it('administrators change a tier, which holds for the next creation', async () => {
    const { token, userId } = await plane.signUp('BASIC');
    await createSession(plane, token, 'One');
    const create = () => plane.call('POST', '/api/v1/sessions', { token, body: { name: 'Two' } });
    expect((await create()).code).toBe('SESSION_LIMIT_REACHED');
    const body = { tier: 'pro' };
    await plane.call('PUT', `/api/v1/users/${userId}`, { token: await admin(), body });
    expect((await create()).status).toBe(201);
  });

  it('administrators list every account once, page by page', async () => {
    const token = await admin();
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = cursor === null ? { limit: '7' } : { limit: '7', cursor };
      const { data } = await plane.call<{ users: Account[]; pagination: { cursor: string | null } }>(
        'GET',
        '/api/v1/users',
        { token, query },
      );
      seen.push(...data.users.map(({ userId }) => userId));
      cursor = data.pagination.cursor;
    } while (cursor !== null);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(people);
  });

  it('administrators delete an account with its sessions and keys, and its address is free', async () => {
    const worker = await startFakeWorker({
      workerDeleteSession: ({ params }) => ({
        data: { sessionId: params['sessionId'] ?? '', status: 'deleted' },
      }),
    });
    const { email, token, userId } = await person();
    const { sessionId } = await connectedSession(plane, token, { workerId: 'w1', endpoint: worker.endpoint });
    const key = await plane.call<{ apiKey: string }>('POST', '/api/v1/users/api-keys', { token, body: {} });
    const remove = async () =>
      await plane.call('DELETE', `/api/v1/users/${userId}`, { token: await admin() });
    expect((await remove()).data).toEqual({ userId, sessionsRemoved: 1 });
    expect(worker.callsOf('workerDeleteSession').map(({ params }) => params['sessionId'])).toEqual([
      sessionId,
    ]);
    for (const each of [token, key.data.apiKey])
      expect((await plane.call('GET', '/api/v1/sessions', { token: each })).status).toBe(401);
    expect((await login(email)).status).toBe(401);
    expect((await remove()).status).toBe(404);
    const body = { email, password: PASSWORD, name: 'New' };
    expect((await plane.call('POST', '/api/v1/auth/register', { body })).status).toBe(201);
    await worker.close();
  });
});

describe('the first administrator', () => {
  it('the first administrator is there after being ensured, however often, and with the password named last', async () => {
    const email = 'root@example.com';
    const first = await ensureAdmin(plane.deps, { email, password: PASSWORD });
    const again = await ensureAdmin(plane.deps, { email, password: PASSWORD });
    expect(again).toEqual(first);
    await ensureAdmin(plane.deps, { email, password: 'battery staple' });
    expect((await login(email)).status).toBe(401);
    expect((await login(email, 'battery staple')).data.user.role).toBe('ADMIN');
  });

  it('the first administrator is never made of a tenant', async () => {
    const { email } = await person();
    await expect(ensureAdmin(plane.deps, { email, password: PASSWORD })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });
});

describe('a token for a new password', () => {
  it('a token for a new password goes to the mailbox and not into the log where a sender is named, in development too', async () => {
    const { email } = await person();
    const lines: string[] = [];
    const sendMail = vi.fn(async () => undefined);
    const { log, sendMail: usual } = plane.deps;
    expect(plane.deps.config.environment).toBe('DEVELOPMENT');
    plane.deps.log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
    plane.deps.sendMail = sendMail;
    await plane.call('POST', '/api/v1/auth/password-reset', { body: { email } });
    Object.assign(plane.deps, { log, sendMail: usual });
    expect(sendMail).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ to: email, secret: true, text: expect.stringMatching(TOKEN) }),
    );
    const [{ text = '' } = {}] = sendMail.mock.calls.flat() as { text?: string }[];
    const [token = ''] = TOKEN.exec(text) ?? [];
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join('\n')).not.toContain(token);
  });
});
