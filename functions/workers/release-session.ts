import { AppError } from '../../shared/errors/app-error.ts';
import { releaseSession } from '../../shared/workers/routes.ts';
import { implement } from '../http/implement.ts';
import { evacuateSession } from './supervision/declare-dead.ts';

/** The leaving worker waits for this answer, session by session. */
const START_TIMEOUT_MS = 1_500;

export const handler = implement(releaseSession, async ({ params, body, requestId }, deps) => {
  const { sessionId, epoch } = body;
  const session = await deps.stores.sessions.get(sessionId);
  if (session === undefined || session.workerId !== params.workerId || session.epoch !== epoch)
    throw new AppError('STALE_OWNER', 'This worker does not own the session under this epoch any more.');
  const outcome = await evacuateSession(deps, session, { requestId, timeoutMs: START_TIMEOUT_MS });
  return { data: { sessionId, placed: outcome === 'migrated' } };
});
