import { randomUUID } from 'node:crypto';
import type { Deps } from '../../functions/deps.ts';
import { declareDead } from '../../functions/workers/supervision/declare-dead.ts';
import { isLive } from '../../shared/workers/worker-item.ts';

/** Ids of workers that this runtime starts; others may run beside it. */
const PREFIX = 'local-worker-';
export const workerIdOf = (index: number) => `${PREFIX}${index + 1}`;

/** The exit of a child process proves its worker's death, so its lease need not run out. */
export async function buryWorker(deps: Deps, workerId: string): Promise<void> {
  await declareDead(deps, workerId, { requestId: randomUUID() });
}

/** Workers of an earlier run that was killed; the state folder's lock proves that it has ended. */
export async function buryEarlierWorkers(deps: Deps): Promise<void> {
  const workers = await deps.stores.workers.list();
  const dead = workers.filter((worker) => worker.workerId.startsWith(PREFIX) && isLive(worker, Date.now()));
  await Promise.all(dead.map(({ workerId }) => buryWorker(deps, workerId)));
}
