import { AppError } from '../errors/app-error.ts';

const TRANSIENT = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'InternalServerError',
  'ServiceUnavailable',
  'TimeoutError',
  'AbortError',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
]);

interface SdkFailure {
  name?: unknown;
  code?: unknown;
  $metadata?: { httpStatusCode?: number };
}

function isTransient(failure: SdkFailure): boolean {
  if (typeof failure.name === 'string' && TRANSIENT.has(failure.name)) return true;
  if (typeof failure.code === 'string' && TRANSIENT.has(failure.code)) return true;
  return (failure.$metadata?.httpStatusCode ?? 0) >= 500;
}

/** What the SDK could not mend by retrying, as the declared error; anything else as it is. */
export function toStorageFailure(thrown: unknown): unknown {
  if (typeof thrown !== 'object' || thrown === null || !isTransient(thrown)) return thrown;
  return new AppError('STORAGE_UNAVAILABLE', 'The data store does not answer just now. Try again shortly.', {
    cause: thrown,
  });
}
