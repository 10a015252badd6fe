import { setTimeout as delay } from 'node:timers/promises';
import type { RouteDeclaration } from '../../shared/contract/route.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../shared/errors/error-codes.ts';
import { hashRequest } from '../../shared/idempotency/request-hash.ts';
import type { Claim, Hold, Scope } from '../../shared/idempotency/store.ts';
import type { Deps } from '../deps.ts';
import type { Caller } from './caller.ts';
import { type HttpEvent, headerOf, toRawRequest } from './http-event.ts';
import { type HttpResult, renderFailure } from './render-answer.ts';

const MAX_KEY_LENGTH = 128;
/** A duplicate waits about five seconds in all, most of them short. */
const WAITS_MS = [50, 100, 200, 400, 600, 800, 1000, 1000, 1000];

/** Refusals that depend on more than the request: a later try may well go through, and is let try. */
const NOT_KEPT: readonly ErrorCode[] = [
  'RATE_LIMITED',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'IN_PROGRESS',
  'VALIDATION_ERROR',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'MESSAGE_REJECTED',
];

interface IdempotentRequest {
  route: RouteDeclaration;
  event: HttpEvent;
  caller: Caller;
  requestId: string;
}

/** @throws AppError VALIDATION_ERROR */
function keyOf(event: HttpEvent): string | undefined {
  const key = headerOf(event, 'idempotency-key')?.trim();
  if (key === undefined) return undefined;
  if (key === '' || key.length > MAX_KEY_LENGTH)
    throw new AppError('VALIDATION_ERROR', `Use an Idempotency-Key of 1 to ${MAX_KEY_LENGTH} characters.`);
  return key;
}

/** Waits for the one who holds the key; takes it over where that one is gone. */
async function waitForTurn(scope: Scope, requestHash: string, deps: Deps): Promise<Claim> {
  const { idempotency } = deps.stores;
  let claim = await idempotency.claim(scope, requestHash);
  for (const waitMs of WAITS_MS) {
    if (claim.outcome !== 'busy' && claim.outcome !== 'free') return claim;
    await delay(waitMs * (0.75 + Math.random() / 2));
    claim =
      claim.outcome === 'free'
        ? await idempotency.claim(scope, requestHash)
        : await idempotency.look(scope, requestHash);
  }
  return claim;
}

/** Keeps a refusal that would be the same next time; gives the key back after anything else. */
async function settleFailure(thrown: unknown, hold: Hold, requestId: string, deps: Deps): Promise<void> {
  const { idempotency } = deps.stores;
  if (!(thrown instanceof AppError) || thrown.status >= 500) return await idempotency.release(hold);
  if (NOT_KEPT.includes(thrown.code)) return await idempotency.forget(hold);
  const { statusCode, headers, body = '' } = renderFailure(thrown, requestId);
  await idempotency.keep(hold, { status: statusCode, headers, body });
}

async function answerHeld(
  hold: Hold,
  { requestId }: IdempotentRequest,
  deps: Deps,
  answer: (seed: string) => Promise<HttpResult>,
): Promise<HttpResult> {
  const { idempotency } = deps.stores;
  /** What has been done is done: without a note of it the lock runs out, and a retry has the same seed. */
  const note = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      deps.log.warn({ requestId, route: hold.scope.routeId, err: error }, 'an answer was not kept');
    }
  };
  try {
    const result = await answer(hold.seed);
    const { statusCode, headers, body = '' } = result;
    await note(async () => {
      const isKept = await idempotency.keep(hold, { status: statusCode, headers, body });
      if (isKept) return;
      deps.log.warn({ requestId, route: hold.scope.routeId }, 'an answer is too large to be kept');
      await idempotency.release(hold);
    });
    return result;
  } catch (thrown) {
    await note(() => settleFailure(thrown, hold, requestId, deps));
    throw thrown;
  }
}

/**
 * Answers a request with an `Idempotency-Key` once: whoever repeats it within a day gets the first answer again.
 * `answer` is given a seed that stays the same over retries after a crash or a failure of ours, to derive from it
 * whatever must not come about twice.
 * @throws AppError IDEMPOTENCY_MISMATCH, IN_PROGRESS
 */
export async function answerOnce(
  request: IdempotentRequest,
  deps: Deps,
  answer: (seed?: string) => Promise<HttpResult>,
): Promise<HttpResult> {
  const { route, event, caller, requestId } = request;
  const key = route.idempotent === true ? keyOf(event) : undefined;
  if (key === undefined || (caller.kind !== 'user' && caller.kind !== 'apiKey')) return await answer();
  const scope = { userId: caller.userId, routeId: route.id, key };
  const { params, body } = toRawRequest(event);
  const session = caller.kind === 'apiKey' ? caller.sessionId : undefined;
  const claim = await waitForTurn(scope, hashRequest({ params, body, scope: session }), deps);
  switch (claim.outcome) {
    case 'held':
      return await answerHeld(claim.hold, request, deps, answer);
    case 'answered': {
      const { status, headers, body: kept } = claim.answer;
      const replayed = { ...headers, 'x-request-id': requestId, 'idempotent-replayed': 'true' };
      return { statusCode: status, headers: replayed, body: kept };
    }
    case 'mismatch':
      throw new AppError(
        'IDEMPOTENCY_MISMATCH',
        'This Idempotency-Key was used with another request. Choose a new key for each new request.',
      );
    default:
      throw new AppError(
        'IN_PROGRESS',
        'The first request with this Idempotency-Key is still being answered.',
      );
  }
}
