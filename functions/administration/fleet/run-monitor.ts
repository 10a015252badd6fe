import { MONITOR_INTERVAL_MS, type Monitor } from '../../../shared/administration/monitor-store.ts';
import type { Deps } from '../../deps.ts';
import { checkHealth } from './check-health.ts';

/**
 * Checks all workers once per interval, however often it is called. It informs operators and decides nothing:
 * only the lease decides what becomes of a worker's sessions.
 */
export async function runMonitor(deps: Deps, requestId: string): Promise<void> {
  if (!(await deps.stores.monitor.takeTurn())) return;
  const results = await checkHealth(deps, requestId);
  const offline = results.filter(({ status }) => status === 'offline').map(({ workerId }) => workerId);
  const facts = { requestId, workers: results.length, offline };
  if (offline.length > 0) deps.log.warn(facts, 'workers do not answer');
  else deps.log.debug(facts, 'all workers answer');
}

const iso = (timeMs: number | undefined) => (timeMs === undefined ? null : new Date(timeMs).toISOString());

export const toMonitorState = ({ running, lastRunAt, changedAt }: Monitor) => ({
  running,
  intervalMs: MONITOR_INTERVAL_MS,
  lastRunAt: iso(lastRunAt),
  changedAt: iso(changedAt),
});
