import { AppError } from '../../../shared/errors/app-error.ts';
import { isLive, type WorkerItem } from '../../../shared/workers/worker-item.ts';
import { drainSome } from '../../administration/moves/drain-some.ts';
import type { Deps } from '../../deps.ts';
import { announceWorker, declareDead, type Evacuation, listOwned } from './declare-dead.ts';

export interface Removal extends Evacuation {
  /** 202 where it goes once it is empty. */
  status: 200 | 202;
}

const isOwn = (worker: WorkerItem, bootId: string | undefined) =>
  worker.bootId === undefined || worker.bootId === bootId;

/**
 * A process leaves, which it says by its boot id; one that has none is taken by its word.
 * @throws AppError FENCED where it is not the worker's process (any more)
 */
export async function leave(
  deps: Deps,
  workerId: string,
  { bootId, requestId }: { bootId: string | undefined; requestId: string },
): Promise<Evacuation> {
  const worker = await deps.stores.workers.get(workerId);
  if (worker === undefined) return { migrated: 0, pending: 0 };
  if (!isOwn(worker, bootId))
    throw new AppError(
      'FENCED',
      'This worker is run by another process. Name the boot id under which it has registered.',
    );
  return await declareDead(deps, workerId, { requestId, bootId: worker.bootId });
}

/**
 * Whoever removes a worker does not know whether it has ended. One that may run is emptied first, session by
 * session, and fenced after that; one that cannot fence itself is gone by this word.
 */
export async function removeWorker(deps: Deps, worker: WorkerItem, requestId: string): Promise<Removal> {
  const { workers } = deps.stores;
  const { workerId, bootId, fencedAt, leaseExpiresAt, fencesItself } = worker;
  const isOver = fencedAt === undefined ? !isLive(worker, deps.now()) : leaseExpiresAt === 0;
  if (isOver || !fencesItself) {
    // Its lease may have been extended since it was read.
    const fenced =
      fencedAt === undefined && fencesItself ? await workers.fence(worker, 'lease-over') : worker;
    if (fenced !== undefined)
      return { status: 200, ...(await declareDead(deps, workerId, { requestId, bootId })) };
  }
  if (fencedAt !== undefined) return { status: 202, migrated: 0, pending: await countOwned(deps, workerId) };
  const { retire: _, ...kept } = worker.wanted ?? {};
  const removeSince = kept.removeSince ?? new Date(deps.now()).toISOString();
  const leaving = await workers.setWanted(workerId, { ...kept, status: 'DRAINING', removeSince });
  if (leaving === undefined) return { status: 200, migrated: 0, pending: 0 };
  await announceWorker(deps, leaving);
  const { migrated } = await drainSome(deps, leaving, { requestId });
  const isGone = await fenceEmpty(deps, leaving);
  return { status: isGone ? 200 : 202, migrated, pending: await countOwned(deps, workerId) };
}

const countOwned = async (deps: Deps, workerId: string) => (await listOwned(deps, workerId)).length;

/**
 * Ends a worker that was to be removed, as soon as it has nothing left. It may not have heard of what was assigned
 * to it last: whatever that is stays its own until its lease is over.
 */
export async function fenceEmpty(deps: Deps, worker: WorkerItem): Promise<boolean> {
  if (worker.wanted?.removeSince === undefined || worker.fencedAt !== undefined) return false;
  if ((await listOwned(deps, worker.workerId)).length > 0) return false;
  const fenced = await deps.stores.workers.fence(worker, 'removed');
  if (fenced !== undefined) await announceWorker(deps, fenced);
  return fenced !== undefined;
}
