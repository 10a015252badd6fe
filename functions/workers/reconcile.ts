import { type SessionItem, toAssignment } from '../../shared/sessions/session-item.ts';
import type { ReportedSession } from '../../shared/workers/heartbeat.ts';
import type { Assignment } from '../../shared/workers/schema.ts';
import type { WorkerItem } from '../../shared/workers/worker-item.ts';

export interface Reconciliation {
  /** The assignments that the worker is told. */
  assignments: Assignment[];
  /** Assigned to an earlier process of this worker and not running in this one: it needs a new epoch. */
  outdated: SessionItem[];
  /** The worker has been reporting another status than the record for a while. */
  drifted: { session: SessionItem; reported: ReportedSession }[];
}

/** Reports under way may be newer than a heartbeat that overtakes them. */
const DRIFT_AFTER_MS = 15_000;

function hasDrifted(session: SessionItem, reported: ReportedSession, now: number): boolean {
  if (reported.epoch !== session.epoch || reported.status === session.status) return false;
  // A heartbeat holds no QR, and a logged-out session has left its worker.
  if (reported.status === 'QR_REQUIRED' || session.status === 'LOGGED_OUT') return false;
  const { updatedAt, lastActivity } = session;
  const heardAt = Math.max(Date.parse(updatedAt), Date.parse(lastActivity ?? updatedAt));
  return now - heardAt > DRIFT_AFTER_MS;
}

/**
 * Compares what a worker runs with what it should run. Absence means nothing: a session that the worker does
 * not name is not taken from it, and one that nobody knows is not closed.
 */
export function reconcile(
  worker: WorkerItem,
  sessions: readonly SessionItem[],
  reported: readonly ReportedSession[],
  now: number,
): Reconciliation {
  const byId = new Map(reported.map((each) => [each.sessionId, each]));
  const result: Reconciliation = { assignments: [], outdated: [], drifted: [] };
  for (const session of sessions) {
    const held = byId.get(session.sessionId);
    if (session.workerId !== worker.workerId) {
      if (held !== undefined) result.assignments.push({ ...toAssignment(session), desired: 'released' });
      continue;
    }
    const isOutdated = session.workerGeneration !== worker.generation && held?.epoch !== session.epoch;
    if (isOutdated) {
      result.outdated.push(session);
      continue;
    }
    result.assignments.push(toAssignment(session));
    if (held !== undefined && hasDrifted(session, held, now))
      result.drifted.push({ session, reported: held });
  }
  return result;
}
