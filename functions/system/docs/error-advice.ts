import type { ErrorCode } from '../../../shared/errors/error-codes.ts';

/** Meaning of each code, and what the reader can do about it. */
export const ERROR_ADVICE: Readonly<Record<ErrorCode, string>> = {
  VALIDATION_ERROR: 'Something in the request is not as it should be; `error` and `details` name each field.',
  MEDIA_UNAVAILABLE: 'The file could not be fetched, or was never uploaded. Check its URL or its mediaId.',
  UNAUTHORIZED: 'The token is missing, wrong, revoked or expired. Log in again, or use another key.',
  FORBIDDEN: 'The token is right and may not do this.',
  SESSION_LIMIT_REACHED: 'The tier has no room for another session. Delete one, or have the tier changed.',
  NOT_FOUND: 'There is no such thing, or it is not yours.',
  QR_NOT_AVAILABLE: 'There is no QR at the moment: connect the session, or wait for the next one.',
  GROUP_NOT_FOUND: 'WhatsApp knows no such group, or the session’s account is not in it.',
  METHOD_NOT_ALLOWED: 'The path knows other methods; `Allow` names them.',
  CONFLICT: 'It does not fit the present state; `error` says why.',
  ACCOUNT_EXISTS: 'The e-mail address has an account. Log in.',
  SESSION_EXISTS: 'The account has a session of this name. Choose another name.',
  WORKER_EXISTS: 'Another live worker has this id or this endpoint.',
  SESSION_NOT_CONNECTED: 'The session is offline. Connect it, or send with `"async": true`: it then waits.',
  MESSAGE_REJECTED:
    'WhatsApp refused the message for good; `details` carry its code. Do not repeat it as it is.',
  STALE_OWNER: 'For workers: the session has a newer owner.',
  FENCED: 'For workers: the lease is over. Close everything and register anew.',
  IDEMPOTENCY_MISMATCH:
    'This Idempotency-Key belongs to another request. Take a new key for each new request.',
  IN_PROGRESS:
    'The first request with this Idempotency-Key is still being answered. Repeat it later, with the same key.',
  PAYLOAD_TOO_LARGE: 'Upload larger files by a signed URL (POST …/media).',
  UNSUPPORTED_MEDIA_TYPE: 'Send JSON, with `content-type: application/json`.',
  RATE_LIMITED: 'Too many requests, or over the session’s pace. Wait for as long as `Retry-After` says.',
  INTERNAL_ERROR:
    'A fault of ours. Repeat it with the same Idempotency-Key; name the requestId when asking for help.',
  WORKER_ERROR: 'The worker could not do it. Repeat it with the same Idempotency-Key.',
  NO_WORKER_AVAILABLE: 'No worker has room, or could take it, just now. Repeat it after a pause.',
  WORKER_UNREACHABLE:
    'The session’s worker cannot be reached; it is replaced within a minute or two. Repeat it after a pause.',
  WORKER_FULL: 'For the control plane: the worker has no slot left.',
  WORKER_BUSY:
    'The session’s worker has too many large files under way; nothing was sent. Repeat it after a pause, with the same Idempotency-Key.',
  SESSION_MOVING: 'The session is changing workers, which takes seconds. Repeat it after a pause.',
  STORAGE_UNAVAILABLE:
    'Storage does not answer; nothing was sent. Repeat it after a pause, with the same Idempotency-Key.',
  SHUTTING_DOWN: 'The worker is ending. Repeat it after a pause.',
  WORKER_TIMEOUT: 'The worker did not answer in time. Repeat it with the same Idempotency-Key.',
};
