import type { Deps } from '../../deps.ts';
import { tooManyRequests } from '../../http/rate-limit.ts';

/** The bucket of callers whose address the gateway does not know. */
const UNKNOWN_ADDRESS = 'unknown';

/**
 * Counts an attempt to log in before the password is checked.
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

/** A successful login clears the attempts of others from the same address. */
export async function trustAddress(
  deps: Deps,
  accountKey: string,
  sourceAddress: string | undefined,
): Promise<void> {
  await deps.stores.throttle.trust(accountKey, sourceAddress ?? UNKNOWN_ADDRESS);
}
