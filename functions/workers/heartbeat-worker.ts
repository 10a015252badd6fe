import { AppError } from '../../shared/errors/app-error.ts';
import { type SessionItem, toAssignment } from '../../shared/sessions/session-item.ts';
import type { Heartbeat } from '../../shared/workers/heartbeat.ts';
import { heartbeatWorker } from '../../shared/workers/routes.ts';
import { capacityOf, isLeaving, type WorkerItem } from '../../shared/workers/worker-item.ts';
import type { Deps } from '../deps.ts';
import { implement } from '../http/implement.ts';
import { confirmPurges } from './confirm-purges.ts';
import { type Reconciliation, reconcile } from './reconcile.ts';
import { leaseOf } from './register-worker.ts';
import { takeSessionReport } from './reports/take-session-report.ts';
import { adoptUnplaced, takeOver } from './supervision/adopt-sessions.ts';

/** Sessions handled with one heartbeat; the next one continues. */
const MAX_REPAIRS = 20;

/** @throws AppError FENCED where the lease is void, NOT_FOUND for a worker that has never registered */
async function extendLease(deps: Deps, workerId: string, beat: Heartbeat): Promise<WorkerItem> {
  const worker = await deps.stores.workers.heartbeat(workerId, beat);
  if (worker !== undefined) return worker;
  if (beat.generation === undefined && (await deps.stores.workers.get(workerId)) === undefined)
    throw new AppError('NOT_FOUND', 'There is no worker with this id. Register it first.');
  throw new AppError('FENCED', 'The lease of this worker is void. Close all sessions and register again.');
}

/** Corrects records from the heartbeat where a report must have been lost. */
async function repair(deps: Deps, { drifted }: Reconciliation): Promise<void> {
  await Promise.all(
    drifted.slice(0, MAX_REPAIRS).map(({ session, reported }) => {
      const { sessionId, status, phoneNumber } = reported;
      deps.log.warn({ sessionId, recorded: session.status, reported: status }, 'a session had drifted');
      return takeSessionReport(deps, session, { sessionId, status, phoneNumber, epoch: session.epoch });
    }),
  );
}

async function noteBusy(deps: Deps, { changed }: Reconciliation): Promise<void> {
  const some = changed.slice(0, MAX_REPAIRS);
  await Promise.all(some.map(({ session, level }) => deps.stores.sessions.noteBusy(session, level)));
}

/** What it does not hold yet takes a place all the same. */
async function noteAssigned(deps: Deps, worker: WorkerItem, { places }: Reconciliation): Promise<void> {
  if (places !== worker.assigned) await deps.stores.workers.noteAssigned(worker, places);
}

async function readSessions(deps: Deps, workerId: string, beat: Heartbeat): Promise<SessionItem[]> {
  const { sessions } = deps.stores;
  const indexed = await sessions.listIdsOfWorker(workerId);
  const named = (beat.sessions ?? []).map(({ sessionId }) => sessionId);
  return await sessions.getMany([...indexed, ...named]);
}

export const handler = implement(heartbeatWorker, async ({ params: { workerId }, body, requestId }, deps) => {
  const worker = await extendLease(deps, workerId, body);
  const sessions = await readSessions(deps, workerId, body);
  const found = reconcile(worker, sessions, body.sessions ?? [], deps.now());
  const used = Math.max(found.places, worker.breakdown.total);
  const [renewed, adopted] = await Promise.all([
    takeOver(deps, worker, found.outdated, capacityOf(worker) - used),
    adoptUnplaced(deps, worker, used + found.outdated.length),
    repair(deps, found),
    noteBusy(deps, found),
    noteAssigned(deps, worker, found),
    confirmPurges(deps, worker, sessions, requestId),
  ]);
  return {
    data: {
      workerId,
      status: 'acknowledged' as const,
      workerStatus: worker.wanted?.status ?? worker.status,
      sessionCount: worker.breakdown.total,
      sessionBreakdown: { ...worker.breakdown, maxSessions: worker.maxSessions },
      lastHeartbeat: worker.lastHeartbeat ?? worker.updatedAt,
      assignedSessions: [...found.assignments, ...[...renewed, ...adopted].map(toAssignment)],
      commands: isLeaving(worker) ? (['drain'] as const).slice() : [],
      lease: leaseOf(worker),
    },
  };
});
