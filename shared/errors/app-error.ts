import { ERROR_CODES, type ErrorCode } from './error-codes.ts';

/** One problem with one field: `path` in dots, `message` a sentence. */
export interface ErrorDetail {
  path: string;
  message: string;
}

export interface AppErrorOptions {
  cause?: unknown;
  details?: ErrorDetail[];
  /** Seconds; overrides the code's default. */
  retryAfterS?: number;
}

/**
 * An expected failure. `message` is shown to the caller unchanged: a sentence a person can act on, without
 * anything secret or internal. What only operators may see goes into `cause`.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: ErrorDetail[] | undefined;
  readonly retryAfterS: number | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details;
    const declared: { status: number; retryAfterS?: number } = ERROR_CODES[code];
    this.retryAfterS = options.retryAfterS ?? declared.retryAfterS;
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}
