import { AppError } from '../../../shared/errors/app-error.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import { isCandidate } from '../../../shared/workers/placement.ts';
import { toCandidate, type WorkerItem } from '../../../shared/workers/worker-item.ts';
import type { Deps } from '../../deps.ts';
import { candidatesFor } from '../../sessions/lifecycle/place-session.ts';
import { noSuchSession } from '../../sessions/own-session.ts';
import { findWorker } from '../fleet/to-worker.ts';
import { moveSession } from './move-session.ts';

/** @throws AppError NO_WORKER_AVAILABLE, CONFLICT where it is there already, NOT_FOUND */
async function chooseTarget(
  deps: Deps,
  session: SessionItem,
  workerId: string | undefined,
): Promise<WorkerItem | undefined> {
  if (workerId === session.workerId && workerId !== undefined)
    throw new AppError('CONFLICT', 'The session is on this worker already.');
  const none = 'No worker has room for this session now. It stays where it is.';
  if (workerId === undefined) {
    if ((await candidatesFor(deps, session.workerId)).length === 0)
      throw new AppError('NO_WORKER_AVAILABLE', none);
    return undefined;
  }
  const target = await findWorker(deps, workerId);
  if (!isCandidate(toCandidate(target, deps.now()))) throw new AppError('NO_WORKER_AVAILABLE', none);
  return target;
}

/**
 * Moves a session to another worker, the one named or the best: at once, or as soon as its owner has let go of it.
 * @throws AppError NO_WORKER_AVAILABLE with the session unchanged, CONFLICT where it was changed meanwhile
 */
export async function migrate(
  deps: Deps,
  session: SessionItem,
  { requestId, workerId }: { requestId: string; workerId?: string | undefined },
): Promise<SessionItem> {
  const target = await chooseTarget(deps, session, workerId);
  const move = await moveSession(deps, session, { requestId, target });
  if (move === 'changed')
    throw new AppError('CONFLICT', 'The session was changed by someone else meanwhile. Look at it again.');
  const moved = await deps.stores.sessions.get(session.sessionId);
  if (moved === undefined) throw noSuchSession();
  return moved;
}
