import { AppError } from '../../shared/errors/app-error.ts';

export const staleOwner = () =>
  new AppError(
    'STALE_OWNER',
    'This worker does not own the session any more. Close it and report no further.',
  );
