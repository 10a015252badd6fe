import { readAliveUntil } from '../../../shared/workers/alive.ts';
import { isLeaseOver, isLeaving, isLive, type WorkerItem } from '../../../shared/workers/worker-item.ts';
import { runMonitor } from '../../administration/fleet/run-monitor.ts';
import { drainSome } from '../../administration/moves/drain-some.ts';
import type { Deps } from '../../deps.ts';
import { balanceFleet } from './balance-fleet.ts';
import { announceWorker, type Evacuation, evacuate, isOfEarlier, listOwned } from './declare-dead.ts';
import { fenceEmpty } from './remove-worker.ts';

/**
 * Tells whether a worker has extended its lease over the bucket, as it does while its heartbeats fail, and
 * stores that in the table. A bucket that cannot be read proves nothing, so the supervisor waits for it.
 */
async function isExtended(deps: Deps, worker: WorkerItem): Promise<boolean> {
  if (worker.leaseOverBucket !== true) return false;
  const { workerId, fencedAt } = worker;
  // A fence has raised it; what the worker writes is of its own.
  const generation = fencedAt === undefined ? worker.generation : worker.generation - 1;
  try {
    const until = await readAliveUntil(deps.objects, { ...worker, generation });
    if (isLeaseOver({ leaseExpiresAt: until }, deps.now())) return false;
    deps.log.warn({ workerId, until }, 'heartbeats fail, but the worker is alive: its lease goes on');
    return (await deps.stores.workers.prolong(worker, until)) !== undefined;
  } catch (error) {
    deps.log.warn({ err: error, workerId }, 'whether a worker is alive could not be read: it is not fenced');
    return true;
  }
}

/** A worker whose lease is over has closed its sessions by itself; one that cannot is left alone until proven dead. */
async function fenceOver(deps: Deps, worker: WorkerItem): Promise<WorkerItem | undefined> {
  if (!worker.fencesItself || !isLeaseOver(worker, deps.now())) return undefined;
  if (await isExtended(deps, worker)) return undefined;
  const fenced = await deps.stores.workers.fence(worker, 'lease-over');
  if (fenced !== undefined) await announceWorker(deps, fenced);
  return fenced;
}

/** One that was fenced before and was not emptied, once it has certainly ended. */
async function findUnemptied(deps: Deps, fenced: WorkerItem): Promise<WorkerItem | undefined> {
  const owned = await listOwned(deps, fenced.workerId);
  if (!owned.some((session) => isOfEarlier(fenced, session))) return undefined;
  if (fenced.leaseExpiresAt === 0) return fenced;
  if (!isLeaseOver(fenced, deps.now()) || (await isExtended(deps, fenced))) return undefined;
  return await deps.stores.workers.prolong(fenced, 0);
}

async function superviseWorker(deps: Deps, worker: WorkerItem, requestId: string): Promise<Evacuation> {
  if (isLeaving(worker) && isLive(worker, deps.now())) {
    const moved = await drainSome(deps, worker, { requestId });
    await fenceEmpty(deps, worker);
    return moved;
  }
  const isFenced = worker.fencedAt !== undefined;
  const ended = isFenced ? await findUnemptied(deps, worker) : await fenceOver(deps, worker);
  if (ended === undefined) return { migrated: 0, pending: 0 };
  const evacuation = await evacuate(deps, ended, requestId);
  deps.log.info({ workerId: worker.workerId, requestId, ...evacuation }, 'a worker has ended');
  return evacuation;
}

/** Looks at all workers once; repeated every few seconds. Returns what became of which sessions. */
export async function superviseWorkers(
  deps: Deps,
  { requestId }: { requestId: string },
): Promise<({ workerId: string } & Evacuation)[]> {
  const results = [];
  const { workers } = deps.stores;
  for (const { workerId } of await workers.list()) {
    // Emptying the one before may have taken long: what was listed then says little of this one now.
    const worker = await workers.get(workerId);
    const moved = worker === undefined ? undefined : await superviseWorker(deps, worker, requestId);
    if (moved !== undefined && moved.migrated + moved.pending > 0) results.push({ workerId, ...moved });
  }
  const balanced = await balanceFleet(deps, requestId);
  if (balanced.migrated > 0)
    deps.log.info({ requestId, ...balanced }, 'a fuller worker gives to an emptier one');
  try {
    await runMonitor(deps, requestId);
  } catch (error) {
    deps.log.warn({ err: error, requestId }, 'the monitor could not check the workers');
  }
  return results;
}
