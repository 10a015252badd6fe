import type { WorkerItem } from '../../shared/workers/worker-item.ts';
import type { Deps } from '../deps.ts';

/** Tells administrators that listen to everything. */
export function announceWorker(deps: Deps, worker: WorkerItem): Promise<void> {
  const { workerId, status, maxSessions, breakdown } = worker;
  return deps.push.toAdmins({
    event: 'worker_status_update',
    data: { workerId, status, maxSessions, sessionCount: breakdown.total },
    timestamp: new Date(deps.now()).toISOString(),
  });
}
