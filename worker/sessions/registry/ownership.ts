import { AppError } from '../../../shared/errors/app-error.ts';
import type { Ownership } from '../../../shared/workers/api/schema.ts';

/** The newest wish seen for a session: `epoch` says who owns it, `rev` counts what is wanted of it. */
export interface Seen {
  epoch: number;
  rev: number;
}

export type Standing = 'older' | 'same' | 'newer-rev' | 'newer-epoch';

/** The epoch of callers that know none, as in stand-alone mode. */
export const FIRST_EPOCH = 1;

/** How a command stands to what was seen. What it leaves out is taken as current. */
export function standingOf(given: Ownership, seen: Seen): Standing {
  const epoch = given.epoch ?? seen.epoch;
  if (epoch !== seen.epoch) return epoch > seen.epoch ? 'newer-epoch' : 'older';
  const rev = given.rev ?? seen.rev;
  if (rev !== seen.rev) return rev > seen.rev ? 'newer-rev' : 'older';
  return 'same';
}

/** What is seen after accepting a command. Revisions are counted within an epoch. */
export function see(given: Ownership, seen: Seen): Seen {
  const epoch = given.epoch ?? seen.epoch;
  return { epoch, rev: given.rev ?? (epoch === seen.epoch ? seen.rev : 0) };
}

/**
 * Refuses what does not go beyond an order by which the session was let go here, or that was refused.
 * @throws AppError STALE_OWNER
 */
export function refuseSpent(given: Ownership, gone: Seen): void {
  refuseOlder(given, gone);
  if (given.epoch === undefined || given.rev === undefined || standingOf(given, gone) !== 'same') return;
  throw new AppError('STALE_OWNER', 'This worker has let go of the session under this very command.');
}

/** @throws AppError STALE_OWNER */
export function refuseOlder(given: Ownership, seen: Seen): void {
  if (standingOf(given, seen) === 'older')
    throw new AppError(
      'STALE_OWNER',
      'This command is older than one that the worker has already taken for this session.',
    );
}
