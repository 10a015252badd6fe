import { AppError } from '../../shared/errors/app-error.ts';
import { getSessionOrder } from '../../shared/workers/routes.ts';
import { implement } from '../http/implement.ts';
import { orderFor } from './reconcile.ts';

export const handler = implement(getSessionOrder, async ({ params: { workerId, sessionId } }, deps) => {
  const { sessions, workers } = deps.stores;
  const [worker, session] = await Promise.all([workers.get(workerId), sessions.get(sessionId)]);
  if (worker === undefined || session === undefined)
    throw new AppError('NOT_FOUND', 'There is no such worker, or no such session.');
  if (worker.fencedAt !== undefined)
    throw new AppError('FENCED', 'The lease of this worker is void. Close all sessions and register again.');
  return { data: orderFor(worker, session) };
});
