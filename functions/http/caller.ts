import { AppError } from '../../shared/errors/app-error.ts';

export interface UserCaller {
  kind: 'user';
  userId: string;
  accountKey: string;
  role: 'USER' | 'ADMIN';
  /** Of the account when the token was issued. */
  tokenVersion?: number;
  /** Milliseconds. */
  expiresAt: number;
}

export interface ApiKeyCaller {
  kind: 'apiKey';
  keyId: string;
  userId: string;
  accountKey: string;
  /** Where the key reaches one session only. */
  sessionId?: string;
}

/** Who is asking; passed on explicitly, never ambient. */
export type Caller = { kind: 'public' } | { kind: 'worker' } | UserCaller | ApiKeyCaller;
export type TenantCaller = UserCaller | ApiKeyCaller;

/** @throws AppError FORBIDDEN for a caller that is no tenant, which the route table rules out already */
export function asTenant(caller: Caller): TenantCaller {
  if (caller.kind === 'user' || caller.kind === 'apiKey') return caller;
  throw new AppError('FORBIDDEN', 'This needs the token of a tenant.');
}

/** @throws AppError FORBIDDEN */
export function asUser(caller: Caller): UserCaller {
  if (caller.kind === 'user') return caller;
  throw new AppError('FORBIDDEN', 'This needs the access token of a login.');
}

export function isAdmin(caller: Caller): boolean {
  return caller.kind === 'user' && caller.role === 'ADMIN';
}
