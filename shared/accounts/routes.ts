import * as z from 'zod';
import { defineRoute } from '../contract/route.ts';
import { Email, Login, Password, User } from './schema.ts';

export const register = defineRoute({
  id: 'register',
  group: 'auth',
  method: 'POST',
  path: '/api/v1/auth/register',
  callers: ['public'],
  summary: 'Open an account',
  body: z.object({ email: Email, password: Password, name: z.string().trim().min(1).max(100) }),
  answer: Login,
  statuses: [201],
  errors: ['ACCOUNT_EXISTS'],
});

export const login = defineRoute({
  id: 'login',
  group: 'auth',
  method: 'POST',
  path: '/api/v1/auth/login',
  callers: ['public'],
  summary: 'Exchange e-mail and password for tokens',
  body: z.object({ email: Email, password: z.string().max(200) }),
  answer: Login,
  errors: ['UNAUTHORIZED', 'FORBIDDEN'],
});

export const refresh = defineRoute({
  id: 'refresh',
  group: 'auth',
  method: 'POST',
  path: '/api/v1/auth/refresh',
  callers: ['public'],
  summary: 'Exchange a refresh token for new tokens; each refresh token works once',
  body: z.object({ refreshToken: z.string().min(1).max(512) }),
  answer: Login,
  errors: ['UNAUTHORIZED', 'FORBIDDEN'],
});

export const logout = defineRoute({
  id: 'logout',
  group: 'auth',
  method: 'POST',
  path: '/api/v1/auth/logout',
  callers: ['public'],
  summary: 'Revoke a refresh token',
  body: z.object({ refreshToken: z.string().min(1).max(512) }),
  answer: z.undefined(),
});

export const getProfile = defineRoute({
  id: 'getProfile',
  group: 'users',
  method: 'GET',
  path: '/api/v1/users/profile',
  callers: ['user'],
  summary: 'The account behind the token',
  answer: User,
});

export const accountRoutes = [register, login, refresh, logout, getProfile] as const;
