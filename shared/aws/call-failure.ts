import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';

/** An error as the SDK throws it; a connection that fails has no metadata. */
type SdkError = Parameters<typeof isServerError>[0];

/** Whether a call of AWS failed for what passes by itself: throttling, a failure within AWS, no answer. */
export function isPassing(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const error = thrown as SdkError;
  return isThrottlingError(error) || isTransientError(error) || isServerError(error);
}

/** The status with which AWS answered, wherever in the chain of causes it stands; undefined where no answer came. */
export function statusOf(thrown: unknown): number | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const status = (error as Partial<SdkError>).$metadata?.httpStatusCode;
    if (status !== undefined) return status;
  }
  return undefined;
}
