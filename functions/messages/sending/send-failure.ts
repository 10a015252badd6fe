import type { AppError } from '../../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../../shared/errors/error-codes.ts';
import type { SendAnswer } from '../../../shared/messages/schema.ts';
import { type Hop, toRefusal } from '../../workers/calls/hop.ts';

export interface Failure {
  error: AppError;
  /** The reason as records and reports name it: WhatsApp's own code where WhatsApp refused the message. */
  errorCode: string;
  /** The message is not on its way and never will be. */
  isFinal: boolean;
}

/** Refusals of a worker that the tenant is told unchanged. */
const PASSED_ON: readonly ErrorCode[] = [
  'VALIDATION_ERROR',
  'FORBIDDEN',
  'CONFLICT',
  'GROUP_NOT_FOUND',
  'SESSION_NOT_CONNECTED',
  'SESSION_MOVING',
  'MEDIA_UNAVAILABLE',
  'MESSAGE_REJECTED',
  'STORAGE_UNAVAILABLE',
  'WORKER_BUSY',
  'RATE_LIMITED',
  'PAYLOAD_TOO_LARGE',
];

function errorCodeOf({ code, details }: AppError): string {
  const told = code === 'MESSAGE_REJECTED' ? details?.find(({ path }) => path === 'code') : undefined;
  return told?.message ?? code;
}

/** Returns `undefined` where the message may be on its way all the same. */
export function toFailure(
  hop: Exclude<Hop<SendAnswer>, { outcome: 'answered' | 'unknown' }>,
): Failure | undefined {
  if (hop.outcome === 'failed' && (hop.error.code === 'WORKER_TIMEOUT' || hop.error.status === 504))
    return undefined;
  const error = toRefusal(hop, PASSED_ON);
  // A fault inside the worker says nothing about what happened before it.
  return { error, errorCode: errorCodeOf(error), isFinal: error.code !== 'WORKER_ERROR' };
}
