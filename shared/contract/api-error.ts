import type { ErrorCode } from '../errors/error-codes.ts';

interface ApiErrorFields {
  status: number;
  /** Undefined where the answer was not one of ours: a proxy's, or that of another kind of worker. */
  code: ErrorCode | undefined;
  message: string;
  details: unknown;
  /** Seconds; NaN where none was given. */
  retryAfterS: number;
  requestId: string | undefined;
}

/** A failure that the other side answered, as a client sees it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: ErrorCode | undefined;
  readonly details: unknown;
  readonly retryAfterS: number | undefined;
  readonly requestId: string | undefined;

  constructor(fields: ApiErrorFields) {
    super(fields.message);
    this.status = fields.status;
    this.code = fields.code;
    this.details = fields.details;
    this.retryAfterS = Number.isNaN(fields.retryAfterS) ? undefined : fields.retryAfterS;
    this.requestId = fields.requestId;
  }
}
