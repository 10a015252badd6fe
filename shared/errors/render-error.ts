import { AppError, type ErrorDetail } from './app-error.ts';
import type { ErrorCode } from './error-codes.ts';

/** The body of every failure, on both APIs. */
export interface FailureBody {
  success: false;
  error: string;
  code: ErrorCode;
  details?: ErrorDetail[];
  requestId: string;
}

export interface RenderedError {
  status: number;
  headers: Record<string, string>;
  body: FailureBody;
  /** False for anything but an `AppError`: the edge logs it once, with the request id. */
  expected: boolean;
}

/** Renders anything thrown in the one failure shape; anything but an `AppError` reveals nothing. */
export function renderError(thrown: unknown, requestId: string): RenderedError {
  const expected = thrown instanceof AppError;
  const error = expected
    ? thrown
    : new AppError(
        'INTERNAL_ERROR',
        'Something went wrong on our side. Try again, and name the request id if it stays.',
      );
  return {
    status: error.status,
    headers: error.retryAfterS === undefined ? {} : { 'retry-after': String(Math.ceil(error.retryAfterS)) },
    body: {
      success: false,
      error: error.message,
      code: error.code,
      ...(error.details === undefined ? {} : { details: error.details }),
      requestId,
    },
    expected,
  };
}
