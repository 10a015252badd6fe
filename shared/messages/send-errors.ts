import type { ErrorCode } from '../errors/error-codes.ts';

/** Failures of sending something about an existing message. */
export const SEND_ERRORS = [
  'CONFLICT',
  'GROUP_NOT_FOUND',
  'RATE_LIMITED',
  'SESSION_NOT_CONNECTED',
  'MESSAGE_REJECTED',
  'WORKER_UNREACHABLE',
  'WORKER_ERROR',
  'SESSION_MOVING',
  'STORAGE_UNAVAILABLE',
] as const satisfies readonly ErrorCode[];

/** Reported for a message whose worker ended before it was ready to be sent. */
export const NOT_SENT_CODE = 'NOT_SENT';

/** Of a message that waited for a phone whose link has ended. */
export const NO_LONGER_LINKED_CODE = 'SESSION_LOGGED_OUT';
