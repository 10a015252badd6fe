import { busyLevel, isPurge, type SessionItem, toAssignment } from '../../shared/sessions/session-item.ts';
import type { ReportedSession } from '../../shared/workers/heartbeat.ts';
import type { Assignment } from '../../shared/workers/schema.ts';
import type { WorkerItem } from '../../shared/workers/worker-item.ts';

export interface Reconciliation {
  /** The assignments that the worker is told. */
  assignments: Assignment[];
  /** Assigned to an earlier process of this worker, so it runs in none: a new epoch is due. */
  outdated: SessionItem[];
  /** The worker has been reporting another status than the record for a while. */
  drifted: { session: SessionItem; reported: ReportedSession }[];
  /** It has become much busier, or much quieter, than the record says. */
  changed: { session: SessionItem; level: number }[];
  /** Of those assigned, so many have a place there, or should. */
  places: number;
}

/** Reports under way may be newer than a heartbeat that overtakes them. */
const DRIFT_AFTER_MS = 15_000;

function hasDrifted(session: SessionItem, reported: ReportedSession, now: number): boolean {
  if (reported.epoch !== session.epoch || reported.status === session.status) return false;
  if (session.move !== undefined) return false;
  // The QR itself is not in a heartbeat, and a logged-out session has left its worker.
  if (reported.status === 'QR_REQUIRED' || session.status === 'LOGGED_OUT') return false;
  const { updatedAt, lastActivity } = session;
  const heardAt = Math.max(Date.parse(updatedAt), Date.parse(lastActivity ?? updatedAt));
  return now - heardAt > DRIFT_AFTER_MS;
}

/** What a worker is told of a session that it names: to let go of what is not its own, of an earlier process included. */
export function orderFor(worker: WorkerItem, session: SessionItem): Assignment {
  const { workerId, generation } = worker;
  if (session.workerId === workerId && session.workerGeneration === generation) return toAssignment(session);
  return { ...toAssignment(session), generation, desired: 'released' };
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
  const result: Reconciliation = {
    assignments: [],
    outdated: [],
    drifted: [],
    changed: [],
    places: 0,
  };
  for (const session of sessions) {
    const held = byId.get(session.sessionId);
    if (session.workerId !== worker.workerId) {
      if (held !== undefined) result.assignments.push(orderFor(worker, session));
      continue;
    }
    const { workerGeneration = 0 } = session;
    if (workerGeneration < worker.generation) result.outdated.push(session);
    // Of a later process: this heartbeat has come late, and has no say.
    if (workerGeneration !== worker.generation) continue;
    result.assignments.push(toAssignment(session));
    if (!isPurge(session)) result.places += 1;
    if (held === undefined) continue;
    if (hasDrifted(session, held, now)) result.drifted.push({ session, reported: held });
    const level = busyLevel(held.recentMessages ?? 0);
    if (level !== (session.busy ?? 0)) result.changed.push({ session, level });
  }
  return result;
}
