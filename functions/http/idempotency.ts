import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../shared/errors/error-codes.ts';
import { hashRequest } from '../../shared/idempotency/request-hash.ts';
import type { Claim, Hold, Scope } from '../../shared/idempotency/store.ts';
import type { Deps } from '../deps.ts';
import { type HttpEvent, headerOf, toRawRequest } from './http-event.ts';
import { type HttpRequest, required, type Step } from './http-request.ts';
import { renderFailure } from './render-answer.ts';

const MAX_KEY_LENGTH = 128;
/** A duplicate waits about five seconds in all, in growing pauses. */
const WAITS_MS = [50, 100, 200, 400, 600, 800, 1000, 1000, 1000];

/** Refusals that depend on more than the request, so that a later try may succeed: they are not kept. */
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

type IdempotencyDeps = Pick<Deps, 'log'> & { stores: Pick<Deps['stores'], 'idempotency'> };

/** @throws AppError VALIDATION_ERROR */
function keyOf(event: HttpEvent): string | undefined {
  const key = headerOf(event, 'idempotency-key')?.trim();
  if (key === undefined) return undefined;
  if (key === '' || key.length > MAX_KEY_LENGTH)
    throw new AppError('VALIDATION_ERROR', `Use an Idempotency-Key of 1 to ${MAX_KEY_LENGTH} characters.`);
  return key;
}

/** Waits for the holder of the key, and takes over where the holder is gone. */
async function waitForTurn(scope: Scope, requestHash: string, deps: IdempotencyDeps): Promise<Claim> {
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

/** Keeps a refusal that a repeat would get again; releases the key after any other failure. */
async function settleFailure(
  thrown: unknown,
  hold: Hold,
  requestId: string,
  deps: IdempotencyDeps,
): Promise<void> {
  const { idempotency } = deps.stores;
  if (!(thrown instanceof AppError) || thrown.status >= 500) return await idempotency.release(hold);
  if (NOT_KEPT.includes(thrown.code)) return await idempotency.forget(hold);
  const { statusCode, headers, body = '' } = renderFailure(thrown, requestId);
  await idempotency.keep(hold, { status: statusCode, headers, body });
}

/** The work is done by now. Where the note fails, the lock expires and a retry gets the same seed. */
async function note({ log, found }: HttpRequest, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.warn({ route: found?.route.id, err: error }, 'an answer was not kept');
  }
}

/** @throws AppError IDEMPOTENCY_MISMATCH, IN_PROGRESS */
function useClaim(request: HttpRequest, claim: Claim): void {
  switch (claim.outcome) {
    case 'held':
      request.hold = claim.hold;
      return;
    case 'answered': {
      const { status, headers, body } = claim.answer;
      const told = { ...headers, 'x-request-id': request.requestId, 'idempotent-replayed': 'true' };
      request.replay = { statusCode: status, headers: told, body };
      return;
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

/**
 * Answers a request with an `Idempotency-Key` once: whoever repeats it within a day gets the first answer again.
 * The hold's seed stays the same over retries after a crash or a failure of ours; handlers derive from it
 * whatever must not come about twice.
 * @throws AppError IDEMPOTENCY_MISMATCH, IN_PROGRESS
 */
export function answerOnce(deps: IdempotencyDeps): Step {
  const { idempotency } = deps.stores;
  return {
    before: async ({ event: request }) => {
      const { route } = required(request, 'found');
      const caller = required(request, 'caller');
      const key = route.idempotent === true ? keyOf(request.event) : undefined;
      if (key === undefined || (caller.kind !== 'user' && caller.kind !== 'apiKey')) return;
      const { params, body } = toRawRequest(request.event);
      const session = caller.kind === 'apiKey' ? caller.sessionId : undefined;
      const scope = { userId: caller.userId, routeId: route.id, key };
      useClaim(request, await waitForTurn(scope, hashRequest({ params, body, scope: session }), deps));
    },
    after: async ({ event: request, response }) => {
      const { hold } = request;
      if (hold === undefined || !response) return;
      const { statusCode, headers, body = '' } = response;
      await note(request, async () => {
        if (await idempotency.keep(hold, { status: statusCode, headers, body })) return;
        request.log.warn({ route: hold.scope.routeId }, 'an answer is too large to be kept');
        await idempotency.release(hold);
      });
    },
    onError: async ({ event: request, error }) => {
      const { hold } = request;
      if (hold !== undefined) await note(request, () => settleFailure(error, hold, request.requestId, deps));
    },
  };
}
