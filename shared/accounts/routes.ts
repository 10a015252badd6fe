import * as z from 'zod';
import { PageQuery, Pagination, someOf } from '../contract/paging.ts';
import { defineRoute } from '../contract/route.ts';
import { Account, Email, Login, Name, Password, Role, Tier, User, UserParams } from './schema.ts';

export const register = defineRoute({
  id: 'register',
  group: 'auth',
  method: 'POST',
  path: '/api/v1/auth/register',
  callers: ['public'],
  summary: 'Open an account',
  body: z.object({ email: Email, password: Password, name: Name }),
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
  errors: ['UNAUTHORIZED'],
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

const profile = { group: 'users', path: '/api/v1/users/profile', callers: ['user'] } as const;

export const updateProfile = defineRoute({
  ...profile,
  id: 'updateProfile',
  method: 'PUT',
  alsoBy: { PATCH: 'patchProfile' },
  summary: 'Change the name or the e-mail address',
  body: z
    .object({ name: Name.optional(), email: Email.optional() })
    .refine(
      ({ name, email }) => name !== undefined || email !== undefined,
      'name what to change: name or email',
    )
    .meta(someOf('name', 'email')),
  answer: User,
  errors: ['ACCOUNT_EXISTS', 'CONFLICT'],
});

export const changePassword = defineRoute({
  id: 'changePassword',
  group: 'users',
  method: 'PUT',
  alsoBy: { PATCH: 'patchPassword' },
  path: '/api/v1/users/password',
  callers: ['user'],
  summary: 'Change the password; every other login ends',
  body: z.object({ currentPassword: z.string().max(200), newPassword: Password }),
  answer: Login,
  errors: ['CONFLICT'],
});

export const requestPasswordReset = defineRoute({
  id: 'requestPasswordReset',
  group: 'auth',
  method: 'POST',
  path: '/api/v1/auth/password-reset',
  callers: ['public'],
  summary: 'Send a one-time token by e-mail; answers alike whether the account exists or not',
  body: z.object({ email: Email }),
  answer: z.undefined(),
  statuses: [202],
  errors: ['RATE_LIMITED'],
});

export const confirmPasswordReset = defineRoute({
  id: 'confirmPasswordReset',
  group: 'auth',
  method: 'POST',
  path: '/api/v1/auth/password-reset/confirm',
  callers: ['public'],
  summary: 'Set a new password with the one-time token; every login ends',
  body: z.object({ token: z.string().min(1).max(256), password: Password }),
  answer: z.undefined(),
  errors: ['FORBIDDEN'],
});

const byId = { group: 'users', callers: ['admin'], params: UserParams } as const;

export const listUsers = defineRoute({
  id: 'listUsers',
  group: 'users',
  method: 'GET',
  path: '/api/v1/users',
  callers: ['admin'],
  summary: 'All accounts',
  query: PageQuery,
  answer: z.object({ users: z.array(Account), pagination: Pagination }),
});

export const getUser = defineRoute({
  ...byId,
  id: 'getUser',
  method: 'GET',
  path: '/api/v1/users/{userId}',
  summary: 'One account',
  answer: Account,
});

export const updateUser = defineRoute({
  ...byId,
  id: 'updateUser',
  method: 'PUT',
  alsoBy: { PATCH: 'patchUser' },
  path: '/api/v1/users/{userId}',
  summary: 'Change tier, role, name, or disable the account',
  body: z.object({
    name: Name.optional(),
    tier: Tier.optional(),
    role: Role.optional(),
    disabled: z.boolean().optional(),
  }),
  answer: Account,
  errors: ['CONFLICT'],
});

export const deleteUser = defineRoute({
  ...byId,
  id: 'deleteUser',
  method: 'DELETE',
  path: '/api/v1/users/{userId}',
  summary: 'Delete the account; its sessions are logged out and removed',
  answer: z.object({ userId: z.string(), sessionsRemoved: z.number().int() }),
  errors: ['CONFLICT', 'SESSION_MOVING'],
});

/** Routes of logins. */
export const accountRoutes = [register, login, refresh, logout, getProfile] as const;

/** Routes of accounts. */
export const accountPlatformRoutes = [
  updateProfile,
  changePassword,
  requestPasswordReset,
  confirmPasswordReset,
  listUsers,
  getUser,
  updateUser,
  deleteUser,
] as const;
