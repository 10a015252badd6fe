import { AppError } from '../../shared/errors/app-error.ts';
import { toAssignment } from '../../shared/sessions/session-item.ts';
import { listAssignedSessions } from '../../shared/workers/routes.ts';
import { implement } from '../http/implement.ts';
import { listOwned } from './supervision/declare-dead.ts';

export const handler = implement(listAssignedSessions, async ({ params: { workerId } }, deps) => {
  const [worker, owned] = await Promise.all([deps.stores.workers.get(workerId), listOwned(deps, workerId)]);
  if (worker === undefined) throw new AppError('NOT_FOUND', 'There is no worker with this id.');
  return { data: { workerId, sessions: owned.map(toAssignment) } };
});
