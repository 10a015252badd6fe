import { addWorker } from '../../shared/administration/routes.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { caseless, Slug } from '../../shared/text/slug.ts';
import { ENVIRONMENTS } from '../../shared/workers/schema.ts';
import { isLive } from '../../shared/workers/worker-item.ts';
import type { Deps } from '../deps.ts';
import { implement } from '../http/implement.ts';
import { hop } from '../workers/calls/hop.ts';
import { announceWorker } from '../workers/supervision/declare-dead.ts';
import { probeWorker } from './fleet/probe-worker.ts';
import { toWorker } from './fleet/to-worker.ts';

const TIMEOUT_MS = 5_000;

const exists = () =>
  new AppError('WORKER_EXISTS', 'A live worker has this id or this endpoint already; it needs no adding.');

/** @throws AppError WORKER_UNREACHABLE, WORKER_ERROR, WORKER_TIMEOUT */
async function askInfo(deps: Deps, endpoint: string, requestId: string) {
  const probe = await probeWorker(deps, endpoint, requestId);
  if (probe.status === 'offline') throw new AppError('WORKER_UNREACHABLE', probe.message);
  const info = await hop(deps.workers({ endpoint, requestId }).workerInfo({}, { timeoutMs: TIMEOUT_MS }));
  if (info.outcome === 'unknown') throw new AppError('WORKER_TIMEOUT', 'The worker did not say who it is.');
  if (info.outcome === 'refused') throw new AppError('WORKER_UNREACHABLE', 'The worker went away.');
  const workerId = info.outcome === 'answered' ? Slug.safeParse(info.data?.workerId) : undefined;
  if (info.outcome === 'failed' || !workerId?.success)
    throw new AppError('WORKER_ERROR', 'The worker does not take our token, or does not say who it is.');
  const environment = caseless(ENVIRONMENTS).safeParse(info.data.environment);
  return {
    workerId: workerId.data,
    version: String(info.data.version ?? 'unknown').slice(0, 64),
    environment: environment.success ? environment.data : ('DEVELOPMENT' as const),
    capabilities: Array.isArray(info.data.capabilities) ? info.data.capabilities.slice(0, 64) : [],
  };
}

export const handler = implement(addWorker, async ({ body, requestId }, deps) => {
  const { endpoint, maxSessions, description } = body;
  const info = await askInfo(deps, endpoint, requestId);
  const known = await deps.stores.workers.get(info.workerId);
  // Registering a live worker again would void its lease.
  if (known !== undefined && isLive(known, deps.now())) throw exists();
  const registered = await deps.stores.workers.register({ ...info, endpoint, maxSessions, description });
  if (registered.outcome !== 'registered') throw exists();
  await announceWorker(deps, registered.worker);
  return { data: toWorker(registered.worker, deps.now()), status: 201 };
});
