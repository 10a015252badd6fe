import { MONITOR_INTERVAL_MS, type Monitor } from '../../shared/administration/monitor-store.ts';

const iso = (timeMs: number | undefined) => (timeMs === undefined ? null : new Date(timeMs).toISOString());

export const toMonitorState = ({ running, lastRunAt, changedAt }: Monitor) => ({
  running,
  intervalMs: MONITOR_INTERVAL_MS,
  lastRunAt: iso(lastRunAt),
  changedAt: iso(changedAt),
});
