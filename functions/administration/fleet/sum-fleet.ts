import { countSessions } from '../../../shared/workers/heartbeat.ts';
import type { SessionBreakdown, WorkerStatus } from '../../../shared/workers/schema.ts';
import { toCandidate, type WorkerItem } from '../../../shared/workers/worker-item.ts';

export interface FleetSums {
  totalWorkers: number;
  byStatus: Record<WorkerStatus, number>;
  capacity: { total: number; used: number; available: number };
  sessions: SessionBreakdown;
}

function plus(a: SessionBreakdown, b: SessionBreakdown): SessionBreakdown {
  return {
    total: a.total + b.total,
    connected: a.connected + b.connected,
    disconnected: a.disconnected + b.disconnected,
    qr_required: a.qr_required + b.qr_required,
    reconnecting: a.reconnecting + b.reconnecting,
    error: a.error + b.error,
  };
}

/** Totals over all workers, from their last heartbeats; capacity counts only workers that accept sessions. */
export function sumFleet(items: readonly WorkerItem[], now: number): FleetSums {
  const workers = items.map((item) => toCandidate(item, now));
  const byStatus: Record<WorkerStatus, number> = { ONLINE: 0, OFFLINE: 0, MAINTENANCE: 0, DRAINING: 0 };
  for (const { status } of workers) byStatus[status] += 1;
  const online = workers.filter(({ status }) => status === 'ONLINE');
  const total = online.reduce((sum, { maxSessions }) => sum + maxSessions, 0);
  const used = online.reduce((sum, { breakdown }) => sum + breakdown.total, 0);
  return {
    totalWorkers: workers.length,
    byStatus,
    capacity: { total, used, available: Math.max(0, total - used) },
    sessions: workers
      .filter(({ status }) => status !== 'OFFLINE')
      .reduce((sum, { breakdown }) => plus(sum, breakdown), countSessions([])),
  };
}
