import { mayBeWorker } from '../../../shared/administration/endpoint-guard.ts';
import { resolveAll } from '../../../shared/outbound/check-address.ts';
import type { Deps } from '../../deps.ts';
import { hop } from '../../workers/calls/hop.ts';

export interface Probe {
  status: 'online' | 'offline';
  /** Milliseconds. */
  responseTime: number;
  /** A sentence that reveals only whether a worker answers at the endpoint. */
  message: string;
}

const TIMEOUT_MS = 3_000;

/**
 * Finds out whether a worker answers at an address. Our token is not sent, since the address may be
 * anybody's.
 */
export async function probeWorker(deps: Deps, endpoint: string, requestId: string): Promise<Probe> {
  const allowLoopback = deps.config.environment !== 'PRODUCTION';
  if (!(await mayBeWorker(endpoint, { resolve: resolveAll, allowLoopback })))
    return { status: 'offline', responseTime: 0, message: 'This address cannot be a worker’s.' };
  const startedAt = performance.now();
  const client = deps.workers({ endpoint, requestId, anonymous: true });
  let answer = await hop<unknown>(client.workerLive({}, { timeoutMs: TIMEOUT_MS }));
  // Other workers may serve only this path.
  if (answer.outcome === 'failed' && answer.error.status === 404)
    answer = await hop<unknown>(client.workerHealth({}, { timeoutMs: TIMEOUT_MS }));
  const responseTime = Math.round(performance.now() - startedAt);
  const isWorker =
    answer.outcome === 'answered' || (answer.outcome === 'failed' && answer.error.code === 'UNAUTHORIZED');
  if (isWorker) return { status: 'online', responseTime, message: 'A worker answers here.' };
  const message =
    answer.outcome === 'failed'
      ? 'Something answers here, but not as a worker does.'
      : 'No worker answers here. Check host and port, and that it runs.';
  return { status: 'offline', responseTime, message };
}
