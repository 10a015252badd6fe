import { AppError } from '../../shared/errors/app-error.ts';
import type { WorkerItem } from '../../shared/workers/worker-item.ts';
import type { Deps } from '../deps.ts';

export const noSuchWorker = () => new AppError('NOT_FOUND', 'There is no worker with this id.');

/** @throws AppError NOT_FOUND */
export async function findWorker(deps: Deps, workerId: string): Promise<WorkerItem> {
  const worker = await deps.stores.workers.get(workerId);
  if (worker === undefined) throw noSuchWorker();
  return worker;
}
