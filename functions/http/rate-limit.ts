import { AppError } from '../../shared/errors/app-error.ts';
import type { Allowance } from '../../shared/limits/bucket-store.ts';
import type { Deps } from '../deps.ts';
import type { TenantCaller } from './caller.ts';
import { credentialOf } from './credential.ts';
import { sourceAddressOf } from './http-event.ts';
import { type HttpRequest, required, type Step } from './http-request.ts';
import type { RecentRefusals } from './recent-refusals.ts';

type LimitDeps = { stores: Pick<Deps['stores'], 'guard' | 'throttle'> };

const seconds = (ms: number) => Math.ceil(ms / 1000);

/**
 * The three header fields of the IETF draft; the tighter of the account's and the key's allowance is told.
 */
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

/** The part of a caller that the account's guard checks. */
export function guarded(caller: TenantCaller) {
  const { userId, accountKey } = caller;
  return caller.kind === 'apiKey'
    ? { userId, accountKey, keyId: caller.keyId }
    : { userId, accountKey, tokenVersion: caller.tokenVersion ?? 0 };
}

export const endedCredential = () =>
  new AppError('UNAUTHORIZED', 'This login or account has ended. Log in again.');

export const slowDown = (retryAfterMs: number) =>
  tooManyRequests(retryAfterMs, 'Too many requests. Slow down, and try again shortly.');

async function limitAddress(sourceAddress: string, deps: LimitDeps): Promise<void> {
  const taken = await deps.stores.throttle.takeForAddress(sourceAddress);
  if (!taken.allowed)
    throw tooManyRequests(taken.retryAfterMs, 'Too many attempts from this address. Try again shortly.');
}

async function limitTenant(
  request: HttpRequest,
  caller: TenantCaller,
  deps: LimitDeps,
  refusals: RecentRefusals,
): Promise<void> {
  const admission = await deps.stores.guard.admit(guarded(caller));
  if (admission.outcome === 'ended') throw endedCredential();
  Object.assign(request.headers, limitHeaders(admission.allowance));
  if (admission.outcome !== 'limited') return;
  const { retryAfterMs } = admission;
  refusals.remember(credentialOf(request.event) ?? '', { caller, retryAfterMs, headers: request.headers });
  throw slowDown(retryAfterMs);
}

/**
 * Counts a request against what its caller may do: a tenant's by account and key, one to the public routes of
 * accounts by source address. Workers are not limited, and what costs nothing is not counted. The caller is told
 * its allowance in the answer's headers, also where the request is refused.
 * @throws AppError RATE_LIMITED, UNAUTHORIZED for a credential that has ended
 */
export function limitRequests(deps: LimitDeps, refusals: RecentRefusals): Step {
  return {
    before: async ({ event: request }) => {
      const caller = required(request, 'caller');
      if (caller.kind === 'user' || caller.kind === 'apiKey')
        return await limitTenant(request, caller, deps, refusals);
      const sourceAddress = sourceAddressOf(request.event);
      const isCounted = caller.kind === 'public' && required(request, 'found').route.group === 'auth';
      if (isCounted && sourceAddress !== undefined) await limitAddress(sourceAddress, deps);
    },
  };
}
