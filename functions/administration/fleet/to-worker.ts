import type { Worker } from '../../../shared/administration/routes.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { isCandidate, placementScore } from '../../../shared/workers/placement.ts';
import { toCandidate, type WorkerItem } from '../../../shared/workers/worker-item.ts';
import type { Deps } from '../../deps.ts';

/** A worker as administrators see it; `now` is in milliseconds. */
export function toWorker(item: WorkerItem, now: number): Worker {
  const worker = toCandidate(item, now);
  return {
    workerId: worker.workerId,
    endpoint: worker.endpoint,
    description: worker.wanted?.description ?? worker.description,
    status: worker.status,
    maxSessions: worker.maxSessions,
    sessionCount: worker.breakdown.total,
    sessionBreakdown: worker.breakdown,
    cpuUsage: worker.cpuUsage,
    memoryUsage: worker.memoryUsage,
    uptime: worker.uptime,
    version: worker.version,
    environment: worker.environment,
    capabilities: worker.capabilities,
    score: isCandidate(worker) ? Math.round(placementScore(worker) * 100) / 100 : null,
    lastHeartbeat: worker.lastHeartbeat,
    createdAt: worker.createdAt,
  };
}

export const noSuchWorker = () => new AppError('NOT_FOUND', 'There is no worker with this id.');

/** @throws AppError NOT_FOUND */
export async function findWorker(deps: Deps, workerId: string): Promise<WorkerItem> {
  const worker = await deps.stores.workers.get(workerId);
  if (worker === undefined) throw noSuchWorker();
  return worker;
}
