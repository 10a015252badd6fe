import { updateWorker } from '../../shared/administration/routes.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { isLeaving, type WantedOfWorker } from '../../shared/workers/worker-item.ts';
import { implement } from '../http/implement.ts';
import { announceWorker } from '../workers/supervision/declare-dead.ts';
import { findWorker, noSuchWorker, toWorker } from './fleet/to-worker.ts';
import { drainSome } from './moves/drain-some.ts';

export const handler = implement(updateWorker, async ({ params: { workerId }, body, requestId }, deps) => {
  const { status, maxSessions, description } = body;
  if (status === 'OFFLINE')
    throw new AppError(
      'VALIDATION_ERROR',
      'A worker is OFFLINE once it has stopped. Set MAINTENANCE or DRAINING, or remove it.',
    );
  const found = await findWorker(deps, workerId);
  const wanted: WantedOfWorker = {
    status: status ?? found.wanted?.status,
    maxSessions: maxSessions ?? found.wanted?.maxSessions,
    description: description ?? found.wanted?.description,
  };
  const changed = await deps.stores.workers.setWanted(workerId, wanted);
  if (changed === undefined) throw noSuchWorker();
  if (status !== undefined) await announceWorker(deps, changed);
  if (status !== undefined && isLeaving(changed)) await drainSome(deps, changed, { requestId });
  return { data: toWorker((await deps.stores.workers.get(workerId)) ?? changed, deps.now()) };
});
