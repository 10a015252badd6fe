import { AwsFailure } from '../aws/aws-failure.ts';
import { AppError } from '../errors/app-error.ts';

/** What retries could not mend, as the declared error; anything else as it is. */
export function toStorageFailure(thrown: unknown): unknown {
  if (!(thrown instanceof AwsFailure) || !thrown.transient) return thrown;
  return new AppError('STORAGE_UNAVAILABLE', 'The data store does not answer just now. Try again shortly.', {
    cause: thrown,
  });
}
