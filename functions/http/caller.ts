import type { ApiKeyStore } from '../../shared/accounts/keys/store.ts';
import { AppError } from '../../shared/errors/app-error.ts';

export interface UserCaller {
  kind: 'user';
  userId: string;
  accountKey: string;
  role: 'USER' | 'ADMIN';
  /** The account's token version when this token was issued. */
  tokenVersion?: number;
  /** Milliseconds. */
  expiresAt: number;
}

export interface ApiKeyCaller {
  kind: 'apiKey';
  keyId: string;
  userId: string;
  accountKey: string;
  /** Set on a key that reaches one session only. */
  sessionId?: string;
}

/** The caller of a request; always passed explicitly. */
export type Caller = { kind: 'public' } | { kind: 'worker' } | UserCaller | ApiKeyCaller;
export type TenantCaller = UserCaller | ApiKeyCaller;

/** @throws AppError FORBIDDEN for a caller without an account, which the route table already rules out */
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

/** Finds the owner of a key as it is now; `undefined` for a key that does not exist or was revoked. */
export async function findApiKey(
  apiKeys: Pick<ApiKeyStore, 'find'>,
  apiKey: string,
): Promise<ApiKeyCaller | undefined> {
  const found = await apiKeys.find(apiKey);
  if (found === undefined) return undefined;
  const { keyId, userId, accountKey, sessionId } = found;
  return sessionId === undefined
    ? { kind: 'apiKey', keyId, userId, accountKey }
    : { kind: 'apiKey', keyId, userId, accountKey, sessionId };
}
