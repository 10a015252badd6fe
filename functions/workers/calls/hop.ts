import * as z from 'zod';
import { ApiError } from '../../../shared/contract/api-error.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../../shared/errors/error-codes.ts';
import { NO_TIME_LEFT } from './within-deadline.ts';

/**
 * Outcome of a call to a worker. `refused`: it never got there. `unknown` (a time-out, a broken connection):
 * it may have been carried out, so it must not be tried elsewhere.
 */
export type Hop<T> =
  | { outcome: 'answered'; status: number; data: T }
  | { outcome: 'failed'; error: ApiError }
  | { outcome: 'refused' }
  | { outcome: 'unknown' };

const NEVER_ARRIVED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  NO_TIME_LEFT,
]);

function causeCodes(error: unknown): string[] {
  const codes: string[] = [];
  for (let each = error; each instanceof Error && codes.length < 5; each = each.cause) {
    const { code } = each as { code?: unknown };
    if (typeof code === 'string') codes.push(code);
    // Node tries each address of a name, and throws all failures together.
    if (each instanceof AggregateError) codes.push(...each.errors.flatMap(causeCodes));
  }
  return codes;
}

export async function hop<T>(call: Promise<{ status: number; data: T }>): Promise<Hop<T>> {
  try {
    const { status, data } = await call;
    return { outcome: 'answered', status, data };
  } catch (error) {
    if (error instanceof ApiError) return { outcome: 'failed', error };
    const codes = causeCodes(error);
    const neverArrived = codes.length > 0 && codes.every((code) => NEVER_ARRIVED.has(code));
    return { outcome: neverArrived ? 'refused' : 'unknown' };
  }
}

/** Codes that a worker may answer; nothing else it says is shown. */
const Details = z.array(z.object({ path: z.string().max(200), message: z.string().max(500) })).max(20);

/**
 * A worker's failure as the tenant sees it: its code and details where the route declares them, else
 * WORKER_ERROR.
 */
export function passOn(error: ApiError, declared: readonly ErrorCode[]): AppError {
  const { code, message, retryAfterS } = error;
  const details = Details.safeParse(error.details).data;
  if (code !== undefined && declared.includes(code))
    return new AppError(code, message, {
      cause: error,
      ...(details === undefined ? {} : { details }),
      ...(retryAfterS === undefined ? {} : { retryAfterS }),
    });
  return new AppError('WORKER_ERROR', 'The worker that runs this session could not do this. Try again.', {
    cause: error,
  });
}

/** The session is not on that worker any more; its next owner is being found. */
const MOVING: readonly (ErrorCode | undefined)[] = ['STALE_OWNER', 'SHUTTING_DOWN', 'NOT_FOUND', 'FENCED'];

/** Tells the tenant why the session's worker has not done what was asked. */
export function toRefusal(
  hop: Extract<Hop<unknown>, { outcome: 'failed' | 'refused' }>,
  declared: readonly ErrorCode[],
): AppError {
  if (hop.outcome === 'refused') {
    const sentence = 'The worker that runs this session cannot be reached now. Try again shortly.';
    return new AppError('WORKER_UNREACHABLE', sentence);
  }
  const { error } = hop;
  if (!MOVING.includes(error.code)) return passOn(error, declared);
  const sentence = 'This session is moving to another worker. Try again shortly.';
  return new AppError('SESSION_MOVING', sentence, { cause: error });
}
