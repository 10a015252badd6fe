import type { Worker } from '../../shared/administration/routes.ts';
import { isCandidate, placementScore } from '../../shared/workers/placement.ts';
import { toCandidate, type WorkerItem } from '../../shared/workers/worker-item.ts';

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
