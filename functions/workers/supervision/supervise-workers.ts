import { readAliveUntil } from '../../../shared/workers/alive.ts';
import { isLeaseOver, isLeaving, isLive, type WorkerItem } from '../../../shared/workers/worker-item.ts';
import { runMonitor } from '../../administration/fleet/run-monitor.ts';
import { drainSome } from '../../administration/moves/drain-some.ts';
import type { Deps } from '../../deps.ts';
import { declareDead, type Evacuation, listOwned } from './declare-dead.ts';

/**
 * Tells whether a worker has extended its lease over the bucket, as it does while its heartbeats fail, and
 * stores that in the table. A bucket that cannot be read proves nothing, so the supervisor waits for it.
 */
async function isExtended(deps: Deps, worker: WorkerItem): Promise<boolean> {
  if (worker.leaseOverBucket !== true) return false;
  const { workerId } = worker;
  try {
    const until = await readAliveUntil(deps.objects, worker);
    if (isLeaseOver({ leaseExpiresAt: until }, deps.now())) return false;
    deps.log.warn({ workerId, until }, 'heartbeats fail, but the worker is alive: its lease goes on');
    return (await deps.stores.workers.prolong(worker, until)) !== undefined;
  } catch (error) {
    deps.log.warn({ err: error, workerId }, 'whether a worker is alive could not be read: it is not fenced');
    return true;
  }
}

/**
 * Tells whether a worker's sessions have to move: its lease is over and it has closed them by itself, or it
 * was fenced before and not emptied. A worker that cannot fence itself is left alone until it is proven dead.
 */
async function isDue(deps: Deps, worker: WorkerItem): Promise<boolean> {
  if (worker.fencedAt !== undefined) return (await listOwned(deps, worker.workerId)).length > 0;
  if (!worker.fencesItself || !isLeaseOver(worker, deps.now())) return false;
  if (await isExtended(deps, worker)) return false;
  return (await deps.stores.workers.fence(worker, 'lease-over')) !== undefined;
}

/** Looks at all workers once; repeated every few seconds. Returns what became of which sessions. */
export async function superviseWorkers(
  deps: Deps,
  { requestId }: { requestId: string },
): Promise<({ workerId: string } & Evacuation)[]> {
  const results = [];
  for (const worker of await deps.stores.workers.list()) {
    const { workerId } = worker;
    if (isLeaving(worker) && isLive(worker, deps.now())) {
      const moved = await drainSome(deps, worker, { requestId });
      if (moved.migrated + moved.pending > 0) results.push({ workerId, ...moved });
      continue;
    }
    if (!(await isDue(deps, worker))) continue;
    results.push({ workerId, ...(await declareDead(deps, workerId, { requestId })) });
  }
  try {
    await runMonitor(deps, requestId);
  } catch (error) {
    deps.log.warn({ err: error, requestId }, 'the monitor could not check the workers');
  }
  return results;
}
