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
  // Said in so many words: a worker that drains goes on doing so until it hears otherwise.
  await want(deps, worker, { ...kept, status: 'ONLINE' });
}

/**
 * ECS has begun or ended a deployment. From its beginning, every worker that was there before is old: once a new
 * one serves, they are emptied. At its end nobody is old any more. Other events are left alone.
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

/** Says which workers shall become empty, so that their tasks can end; the looks that follow move the sessions. */
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
