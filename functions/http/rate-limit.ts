import type { RouteDeclaration } from '../../shared/contract/route.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Allowance } from '../../shared/limits/bucket-store.ts';
import type { Deps } from '../deps.ts';
import type { Caller, TenantCaller } from './caller.ts';
import type { Refusal } from './recent-refusals.ts';

const seconds = (ms: number) => Math.ceil(ms / 1000);

/** The three fields of the IETF's draft that clients know; the tighter of account and key is told. */
export function limitHeaders({ limit, remaining, resetMs }: Allowance): Record<string, string> {
  return {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(seconds(resetMs)),
  };
}

export function tooManyRequests(retryAfterMs: number, sentence: string): AppError {
  return new AppError('RATE_LIMITED', sentence, { retryAfterS: Math.max(1, seconds(retryAfterMs)) });
}

/** What the account's guard is asked about. */
export function guarded(caller: TenantCaller) {
  const { userId, accountKey } = caller;
  return caller.kind === 'apiKey'
    ? { userId, accountKey, keyId: caller.keyId }
    : { userId, accountKey, tokenVersion: caller.tokenVersion ?? 0 };
}

export const endedCredential = () =>
  new AppError('UNAUTHORIZED', 'This login or account has ended. Log in again.');

const slowDown = (retryAfterMs: number) =>
  tooManyRequests(retryAfterMs, 'Too many requests. Slow down, and try again shortly.');

/** @throws AppError RATE_LIMITED where this credential was refused a moment ago */
export function refuseAgain(
  { until, headers: told }: Refusal,
  deps: Deps,
  headers: Record<string, string>,
): never {
  Object.assign(headers, told);
  throw slowDown(until - deps.now());
}

async function limitTenant(
  { caller, onRefused }: LimitedRequest & { caller: TenantCaller },
  deps: Deps,
  headers: Record<string, string>,
): Promise<void> {
  const admission = await deps.stores.guard.admit(guarded(caller));
  if (admission.outcome === 'ended') throw endedCredential();
  Object.assign(headers, limitHeaders(admission.allowance));
  if (admission.outcome !== 'limited') return;
  onRefused(admission.retryAfterMs);
  throw slowDown(admission.retryAfterMs);
}

export interface LimitedRequest {
  route: RouteDeclaration;
  caller: Caller;
  sourceAddress: string | undefined;
  /** A tenant has no token left for so long. */
  onRefused: (retryAfterMs: number) => void;
}

/**
 * Counts a request against what its caller may do: a tenant's by account and key, one to the public routes of
 * accounts by source address. Workers are not limited, and what costs nothing is not counted. What the caller is
 * told goes into `headers`, also where the request is refused.
 * @throws AppError RATE_LIMITED, UNAUTHORIZED for a credential that has ended
 */
export async function limitRequest(
  request: LimitedRequest,
  deps: Deps,
  headers: Record<string, string>,
): Promise<void> {
  const { route, caller, sourceAddress } = request;
  if (caller.kind === 'user' || caller.kind === 'apiKey')
    return await limitTenant({ ...request, caller }, deps, headers);
  if (caller.kind !== 'public' || route.group !== 'auth' || sourceAddress === undefined) return;
  const taken = await deps.stores.throttle.takeForAddress(sourceAddress);
  if (!taken.allowed)
    throw tooManyRequests(taken.retryAfterMs, 'Too many attempts from this address. Try again shortly.');
}
