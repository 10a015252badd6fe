import type { Deps } from '../../deps.ts';
import { tooManyRequests } from '../../http/rate-limit.ts';

/** Stands for callers whose address the gateway does not tell. */
const UNKNOWN_ADDRESS = 'unknown';

/**
 * Counts an attempt to show the account's password, before the password is looked at.
 * @throws AppError RATE_LIMITED
 */
export async function throttleLogin(
  deps: Deps,
  accountKey: string,
  sourceAddress: string | undefined,
): Promise<void> {
  const taken = await deps.stores.throttle.takeForLogin(accountKey, sourceAddress ?? UNKNOWN_ADDRESS);
  if (taken.allowed) return;
  throw tooManyRequests(taken.retryAfterMs, 'Too many attempts to log in. Try again shortly.');
}

/** After a login that went well, strangers' attempts do not count against this address any more. */
export async function trustAddress(
  deps: Deps,
  accountKey: string,
  sourceAddress: string | undefined,
): Promise<void> {
  await deps.stores.throttle.trust(accountKey, sourceAddress ?? UNKNOWN_ADDRESS);
}
