import { randomUUID } from 'node:crypto';
import type { Deps } from '../../functions/deps.ts';
import { declareDead } from '../../functions/workers/supervision/declare-dead.ts';
import { isLive } from '../../shared/workers/worker-item.ts';

/** Ids of workers that this runtime starts; others may be run beside it by hand. */
const PREFIX = 'local-worker-';
export const workerIdOf = (index: number) => `${PREFIX}${index + 1}`;

/** The exit of a child is proof of its death: its lease need not be waited for. */
export async function buryWorker(deps: Deps, workerId: string): Promise<void> {
  await declareDead(deps, workerId, { requestId: randomUUID() });
}

/** Workers of an earlier run that ended without a word; the state folder's lock says that it has ended. */
export async function buryEarlierWorkers(deps: Deps): Promise<void> {
  const workers = await deps.stores.workers.list();
  const dead = workers.filter((worker) => worker.workerId.startsWith(PREFIX) && isLive(worker, Date.now()));
  await Promise.all(dead.map(({ workerId }) => buryWorker(deps, workerId)));
}
