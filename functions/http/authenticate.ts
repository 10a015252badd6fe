import { createHash, timingSafeEqual } from 'node:crypto';
import type { CallerKind } from '../../shared/contract/route.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Deps } from '../deps.ts';
import type { Caller } from './caller.ts';
import { credentialOf } from './credential.ts';
import { required, type Step } from './http-request.ts';
import { slowDown } from './rate-limit.ts';
import type { RecentRefusals } from './recent-refusals.ts';

const API_KEY = /^sk_(?:live|test)_\w+$/;

const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * Compares digests, and always against every candidate, so that the time taken reveals neither content nor
 * length.
 */
function matchesAny(token: string, accepted: readonly string[]): boolean {
  const shown = digest(token);
  let matched = false;
  for (const candidate of accepted) matched = timingSafeEqual(shown, digest(candidate)) || matched;
  return matched;
}

type CredentialDeps = Pick<Deps, 'accessTokens' | 'workerTokens' | 'findApiKey'>;

/**
 * Identifies the holder of a token, without asking what the token is good for.
 * @throws AppError UNAUTHORIZED
 */
export async function identify(token: string, deps: CredentialDeps): Promise<Caller> {
  if (matchesAny(token, await deps.workerTokens())) return { kind: 'worker' };
  if (API_KEY.test(token)) {
    const found = await deps.findApiKey(token);
    if (found === undefined)
      throw new AppError('UNAUTHORIZED', 'The API key is not valid, or it was revoked.');
    return found;
  }
  if (token.split('.').length !== 3) throw new AppError('UNAUTHORIZED', 'The token is not valid.');
  return { kind: 'user', ...(await deps.accessTokens.verify(token)) };
}

function isAllowed(caller: Caller, callers: readonly CallerKind[]): boolean {
  if (callers.includes(caller.kind)) return true;
  return caller.kind === 'user' && caller.role === 'ADMIN' && callers.includes('admin');
}

const TAKES: Readonly<Record<Exclude<CallerKind, 'public'>, string>> = {
  user: 'a login',
  apiKey: 'an API key',
  admin: 'the login of an administrator',
  worker: 'the token of workers',
};

function notForThis(callers: readonly CallerKind[]): AppError {
  const taken = callers.flatMap((kind) => (kind === 'public' ? [] : [TAKES[kind]]));
  return new AppError(
    'FORBIDDEN',
    `This route is not for this kind of token. It takes ${taken.join(' or ')}.`,
  );
}

/**
 * The caller of a request, known to be one the route is for. Public routes look at no token.
 * @throws AppError UNAUTHORIZED, FORBIDDEN
 */
async function authenticate(
  token: string | undefined,
  callers: readonly CallerKind[],
  deps: CredentialDeps,
): Promise<Caller> {
  if (callers.includes('public')) return { kind: 'public' };
  if (token === undefined)
    throw new AppError(
      'UNAUTHORIZED',
      'Send a token in the header "Authorization: Bearer …", or an API key in "X-Api-Key".',
    );
  const caller = await identify(token, deps);
  if (!isAllowed(caller, callers)) throw notForThis(callers);
  return caller;
}

/**
 * Finds out who is asking. A credential that was refused for its rate a moment ago is refused again at no cost.
 * @throws AppError UNAUTHORIZED, FORBIDDEN, RATE_LIMITED
 */
export function authenticateCaller(deps: CredentialDeps & Pick<Deps, 'now'>, refusals: RecentRefusals): Step {
  return {
    before: async ({ event: request }) => {
      const { callers } = required(request, 'found').route;
      const token = credentialOf(request.event);
      const refusal = callers.includes('public') ? undefined : refusals.of(token);
      if (refusal !== undefined) {
        request.caller = refusal.caller;
        Object.assign(request.headers, refusal.headers);
        throw slowDown(refusal.until - deps.now());
      }
      request.caller = await authenticate(token, callers, deps);
    },
  };
}
