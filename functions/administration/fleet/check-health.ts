import PQueue from 'p-queue';
import type { WorkerItem } from '../../../shared/workers/worker-item.ts';
import type { Deps } from '../../deps.ts';
import { hop } from '../../workers/calls/hop.ts';

export interface HealthResult {
  workerId: string;
  endpoint: string;
  status: 'online' | 'offline';
  /** Milliseconds. */
  responseTime?: number;
  error?: string;
  checkedAt: string;
}

const CONCURRENCY = 20;
const TIMEOUT_MS = 3_000;

async function checkOne(deps: Deps, worker: WorkerItem, requestId: string): Promise<HealthResult> {
  const { workerId, endpoint } = worker;
  const startedAt = performance.now();
  const client = deps.workers({ endpoint, requestId });
  const answer = await hop(client.workerHealth({}, { timeoutMs: TIMEOUT_MS }));
  const responseTime = Math.round(performance.now() - startedAt);
  const checkedAt = new Date(deps.now()).toISOString();
  if (answer.outcome === 'answered') return { workerId, endpoint, status: 'online', responseTime, checkedAt };
  const error =
    answer.outcome === 'failed' ? `It answered ${answer.error.status}.` : 'It did not answer in time.';
  return { workerId, endpoint, status: 'offline', error, checkedAt };
}

/** Asks every worker that has not left, in parallel, each with a time-out. */
export async function checkHealth(deps: Deps, requestId: string): Promise<HealthResult[]> {
  const workers = (await deps.stores.workers.list()).filter(({ fencedAt }) => fencedAt === undefined);
  const queue = new PQueue({ concurrency: CONCURRENCY });
  return await queue.addAll(workers.map((worker) => () => checkOne(deps, worker, requestId)));
}
