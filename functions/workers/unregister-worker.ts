import { AppError } from '../../shared/errors/app-error.ts';
import { unregisterWorker } from '../../shared/workers/routes.ts';
import { implement } from '../http/implement.ts';
import { declareDead } from './supervision/declare-dead.ts';

export const handler = implement(unregisterWorker, async ({ params: { workerId }, requestId }, deps) => {
  if ((await deps.stores.workers.get(workerId)) === undefined)
    throw new AppError('NOT_FOUND', 'There is no worker with this id.');
  return { data: { workerId, ...(await declareDead(deps, workerId, { requestId })) } };
});
