/**
 * Every error code of the gateway: its HTTP status, and after how many seconds a retry makes sense (absent
 * where repeating the same request cannot help).
 */
export const ERROR_CODES = {
  VALIDATION_ERROR: { status: 400 },
  MEDIA_UNAVAILABLE: { status: 400 },
  UNAUTHORIZED: { status: 401 },
  FORBIDDEN: { status: 403 },
  SESSION_LIMIT_REACHED: { status: 403 },
  NOT_FOUND: { status: 404 },
  QR_NOT_AVAILABLE: { status: 404 },
  GROUP_NOT_FOUND: { status: 404 },
  METHOD_NOT_ALLOWED: { status: 405 },
  CONFLICT: { status: 409 },
  ACCOUNT_EXISTS: { status: 409 },
  SESSION_EXISTS: { status: 409 },
  WORKER_EXISTS: { status: 409 },
  SESSION_NOT_CONNECTED: { status: 409 },
  MESSAGE_REJECTED: { status: 409 },
  STALE_OWNER: { status: 409 },
  FENCED: { status: 409 },
  IDEMPOTENCY_MISMATCH: { status: 409 },
  IN_PROGRESS: { status: 409 },
  PAYLOAD_TOO_LARGE: { status: 413 },
  UNSUPPORTED_MEDIA_TYPE: { status: 415 },
  RATE_LIMITED: { status: 429, retryAfterS: 1 },
  INTERNAL_ERROR: { status: 500 },
  WORKER_ERROR: { status: 502 },
  NO_WORKER_AVAILABLE: { status: 503, retryAfterS: 5 },
  WORKER_UNREACHABLE: { status: 503, retryAfterS: 5 },
  WORKER_FULL: { status: 503, retryAfterS: 30 },
  WORKER_BUSY: { status: 503, retryAfterS: 5 },
  SESSION_MOVING: { status: 503, retryAfterS: 3 },
  STORAGE_UNAVAILABLE: { status: 503, retryAfterS: 5 },
  SHUTTING_DOWN: { status: 503, retryAfterS: 5 },
  WORKER_TIMEOUT: { status: 504, retryAfterS: 5 },
} as const satisfies Record<string, { status: number; retryAfterS?: number }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_CODES, value);
}
