import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Login, User } from '../../../../shared/accounts/schema.ts';
import { type ControlPlane, startControlPlane } from '../../../../testing/control-plane/control-plane.ts';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.close());

const password = 'correct horse battery';
const register = (email: string) =>
  plane.call<Login>('POST', '/api/v1/auth/register', { body: { email, password, name: 'Ada' } });
const login = (email: string, given = password) =>
  plane.call<Login>('POST', '/api/v1/auth/login', { body: { email, password: given } });
const refresh = (refreshToken: string) =>
  plane.call<Login>('POST', '/api/v1/auth/refresh', { body: { refreshToken } });

describe('registering', () => {
  it('registering answers 201 with the account and tokens that work', async () => {
    const { status, data } = await register('Ada@Example.com ');
    expect(status).toBe(201);
    expect(data.user).toMatchObject({ email: 'ada@example.com', name: 'Ada', role: 'USER', tier: 'BASIC' });
    const profile = await plane.call<User>('GET', '/api/v1/users/profile', { token: data.accessToken });
    expect(profile.data).toEqual(data.user);
  });

  it('registering refuses a second account of the same address, however it is written', async () => {
    await register('twice@example.com');
    expect(await register('TWICE@example.com')).toMatchObject({ status: 409, code: 'ACCOUNT_EXISTS' });
  });

  it('registering answers nothing of the password', async () => {
    const { text } = await register('hash@example.com');
    expect(text).not.toMatch(/scrypt|password/);
  });
});

describe('logging in', () => {
  it('logging in answers 200 to the right password, and alike to a wrong one and an unknown address', async () => {
    await register('login@example.com');
    expect(await login('login@example.com')).toMatchObject({ status: 200 });
    const [wrong, unknown] = await Promise.all([
      login('login@example.com', 'wrong one'),
      login('nobody@example.com'),
    ]);
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(wrong.body['error']).toBe(unknown.body['error']);
  });
});

describe('a refresh token', () => {
  it('a refresh token is exchanged once; used again, it ends the login it came from', async () => {
    const { data } = await register('refresh@example.com');
    const next = await refresh(data.refreshToken);
    expect(next).toMatchObject({ status: 200, data: { user: data.user } });
    expect(await refresh(data.refreshToken)).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    expect(await refresh(next.data.refreshToken)).toMatchObject({ status: 401 });
  });

  it('a refresh token does not work after a logout, and logging out twice is no error', async () => {
    const { data } = await register('logout@example.com');
    const body = { refreshToken: data.refreshToken };
    for (let time = 0; time < 2; time += 1)
      expect(await plane.call('POST', '/api/v1/auth/logout', { body })).toMatchObject({ status: 200 });
    expect(await refresh(data.refreshToken)).toMatchObject({ status: 401 });
  });
});
