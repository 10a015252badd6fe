import { AppError } from '../../shared/errors/app-error.ts';
import { orderOf, type SessionItem } from '../../shared/sessions/session-item.ts';
import { releaseSession } from '../../shared/workers/routes.ts';
import { implement } from '../http/implement.ts';
import { handOn } from './supervision/hand-on.ts';

/** The leaving worker waits for this answer, session by session. */
const START_TIMEOUT_MS = 1_500;

/**
 * Whether a worker that has let go by the order of this rev will not be told to take the session again under its
 * epoch: a move ends with the epoch only, anything else with the next wish. Without rev it leaves altogether.
 */
function isSettled(session: SessionItem, rev: number | undefined): boolean {
  if (rev === undefined) return true;
  const order = orderOf(session);
  if (order === 'released') return rev >= (session.move?.rev ?? session.rev);
  return order === 'connected' && rev === session.rev;
}

export const handler = implement(releaseSession, async ({ params, body, requestId }, deps) => {
  const { sessionId, epoch, rev, phoneNumber } = body;
  const isFree = (session: SessionItem) =>
    session.workerId === params.workerId && session.epoch === epoch && isSettled(session, rev);
  const session = await deps.stores.sessions.get(sessionId);
  if (session === undefined || !isFree(session))
    throw new AppError('STALE_OWNER', 'This worker does not own the session under this epoch any more.');
  const outcome = await handOn(deps, sessionId, {
    requestId,
    isFree,
    phoneNumber,
    timeoutMs: START_TIMEOUT_MS,
  });
  return { data: { sessionId, placed: outcome === 'migrated' } };
});
