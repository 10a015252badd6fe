import type { Assignment } from '../../../shared/workers/schema.ts';
import { type Seen, standingOf } from './ownership.ts';

/** A session as far as a plan needs to know it. */
export interface Held {
  seen: Seen;
  wanted: 'connected' | 'disconnected';
}

/**
 * `decline`: nothing is here, nor will be under this order, which the control plane has to know: it may place the
 * session elsewhere. `heed`: likewise, with nobody to tell.
 */
export type Step = 'ignore' | 'connect' | 'disconnect' | 'release' | 'logout' | 'remove' | 'decline' | 'heed';

/**
 * What an assignment asks of this worker. `gone` is what was last seen of a session that was released,
 * logged out or deleted here. An assignment is a level, not an event: the same one asks for nothing new, so a
 * session that stopped by itself (its QR ran out, it was replaced) stays so until the wish changes.
 */
export function planStep(assignment: Assignment, held: Held | undefined, gone: Seen | undefined): Step {
  const last = held?.seen ?? gone;
  const standing = last === undefined ? 'newer-epoch' : standingOf(assignment, last);
  if (standing === 'older') return 'ignore';
  if (held === undefined) {
    if (standing === 'same') return SPENT[assignment.desired];
    return NOT_HELD[assignment.desired];
  }
  if (standing === 'same' && assignment.desired === held.wanted) return 'ignore';
  return HELD[assignment.desired];
}

const HELD: Readonly<Record<Assignment['desired'], Step>> = {
  connected: 'connect',
  disconnected: 'disconnect',
  released: 'release',
  logged_out: 'logout',
  deleted: 'remove',
};

/** What is not here need not be closed; a logout or a deletion has to happen all the same. */
const NOT_HELD: Readonly<Record<Assignment['desired'], Step>> = {
  ...HELD,
  disconnected: 'heed',
  released: 'decline',
};

/** The session was let go by this very order, or it was refused: as long as it comes again, nobody has heard of that. */
const SPENT: Readonly<Record<Assignment['desired'], Step>> = {
  connected: 'decline',
  disconnected: 'ignore',
  released: 'decline',
  logged_out: 'ignore',
  deleted: 'ignore',
};
