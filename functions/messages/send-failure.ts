import { AppError } from '../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../shared/errors/error-codes.ts';
import type { SendAnswer } from '../../shared/messages/schema.ts';
import { type Hop, passOn } from '../workers/hop.ts';

export interface Failure {
  error: AppError;
  /** The message is not on its way and never will be. */
  isFinal: boolean;
}

/** What a worker may say about a message that the tenant is told as it is. */
const PASSED_ON: readonly ErrorCode[] = [
  'VALIDATION_ERROR',
  'FORBIDDEN',
  'CONFLICT',
  'GROUP_NOT_FOUND',
  'SESSION_NOT_CONNECTED',
  'MEDIA_UNAVAILABLE',
  'MESSAGE_REJECTED',
  'STORAGE_UNAVAILABLE',
  'RATE_LIMITED',
  'PAYLOAD_TOO_LARGE',
];

const MOVING: readonly (ErrorCode | undefined)[] = ['STALE_OWNER', 'SHUTTING_DOWN', 'NOT_FOUND', 'FENCED'];

/** `undefined` where the message may be on its way all the same. */
export function toFailure(
  hop: Exclude<Hop<SendAnswer>, { outcome: 'answered' | 'unknown' }>,
): Failure | undefined {
  if (hop.outcome === 'refused') {
    const sentence = 'The worker that runs this session cannot be reached now. Try again shortly.';
    return { error: new AppError('WORKER_UNREACHABLE', sentence), isFinal: true };
  }
  const { error } = hop;
  if (error.code === 'WORKER_TIMEOUT' || error.status === 504) return undefined;
  if (MOVING.includes(error.code)) {
    const sentence = 'This session is moving to another worker. Try again shortly.';
    return { error: new AppError('SESSION_MOVING', sentence, { cause: error }), isFinal: true };
  }
  const passed = passOn(error, PASSED_ON);
  // A fault inside the worker leaves open what had happened before it.
  return { error: passed, isFinal: passed.code !== 'WORKER_ERROR' };
}
