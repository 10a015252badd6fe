import { DeploymentChange } from '../../../shared/workers/deployment.ts';
import type { WantedOfWorker, WorkerItem } from '../../../shared/workers/worker-item.ts';
import type { Deps } from '../../deps.ts';
import { announceWorker } from './declare-dead.ts';
import { type FleetSize, planRetirement } from './plan-retirement.ts';

async function want(deps: Deps, worker: WorkerItem, wanted: WantedOfWorker): Promise<void> {
  const changed = await deps.stores.workers.setWanted(worker.workerId, wanted);
  if (changed !== undefined && changed.wanted?.status !== worker.wanted?.status)
    await announceWorker(deps, changed);
}

async function resume(deps: Deps, worker: WorkerItem): Promise<void> {
  const { retire: _, ...kept } = worker.wanted ?? {};
  // Sent explicitly: a draining worker goes on draining until it is told otherwise.
  await want(deps, worker, { ...kept, status: 'ONLINE' });
}

/**
 * Handles the beginning and the end of an ECS deployment. From the beginning, every worker that was there
 * before is old, and is emptied once a new one serves; at the end none is old any more. Other events are
 * ignored.
 */
export async function takeDeployment(deps: Deps, event: unknown): Promise<void> {
  const { data } = DeploymentChange.safeParse(event);
  if (data === undefined) return;
  const { eventName, updatedAt } = data.detail;
  const workers = (await deps.stores.workers.list()).filter(({ protectsTask }) => protectsTask === true);
  if (eventName !== 'SERVICE_DEPLOYMENT_IN_PROGRESS') {
    const marked = workers.filter(({ wanted }) => wanted?.retire?.why === 'deployment');
    await Promise.all(marked.map((worker) => resume(deps, worker)));
    return;
  }
  const since = new Date(updatedAt).toISOString();
  const old = workers.filter(({ createdAt, fencedAt }) => fencedAt === undefined && createdAt < since);
  await Promise.all(
    old.map((worker) => want(deps, worker, { ...worker.wanted, retire: { why: 'deployment', since } })),
  );
}

/** Marks the workers that should become empty, so that their tasks can end; later looks move the sessions. */
export async function retireWorkers(deps: Deps, size: FleetSize): Promise<void> {
  const plan = planRetirement(await deps.stores.workers.list(), deps.now(), size);
  const since = new Date(deps.now()).toISOString();
  for (const { worker, why } of plan.drain) {
    deps.log.info({ workerId: worker.workerId, why }, 'a worker is emptied, so that its task can end');
    const retire = worker.wanted?.retire ?? { why, since };
    await want(deps, worker, { ...worker.wanted, status: 'DRAINING', retire });
  }
  for (const worker of plan.resume) {
    deps.log.info({ workerId: worker.workerId }, 'a worker is needed after all');
    await resume(deps, worker);
  }
}
