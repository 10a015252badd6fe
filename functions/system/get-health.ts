import { AppError } from '../../shared/errors/app-error.ts';
import { getHealth } from '../../shared/system/routes.ts';
import { isLive } from '../../shared/workers/worker-item.ts';
import { implement } from '../http/implement.ts';

export const handler = implement(getHealth, async ({ query }, deps) => {
  if (query.ready === '1' || query.ready === 'true') {
    const workers = await deps.stores.workers.list();
    const ready = workers.some((worker) => worker.status === 'ONLINE' && isLive(worker, deps.now()));
    if (!ready) throw new AppError('NO_WORKER_AVAILABLE', 'No worker has registered yet.');
  }
  return { data: { status: 'ok' as const, version: deps.config.version } };
});
