import { AppError } from '../../shared/errors/app-error.ts';
import { toAssignment } from '../../shared/sessions/session-item.ts';
import { registerWorker } from '../../shared/workers/routes.ts';
import {
  capacityOf,
  HEARTBEAT_INTERVAL_MS,
  LEASE_TTL_MS,
  type WorkerItem,
} from '../../shared/workers/worker-item.ts';
import type { Deps } from '../deps.ts';
import { implement } from '../http/implement.ts';
import { adoptUnplaced, takeOver } from './supervision/adopt-sessions.ts';
import { announceWorker, isOfEarlier, listOwned } from './supervision/declare-dead.ts';

export const leaseOf = ({ generation, leaseOverBucket }: WorkerItem) => ({
  ttlMs: LEASE_TTL_MS,
  intervalMs: HEARTBEAT_INTERVAL_MS,
  generation,
  overBucket: leaseOverBucket === true,
});

/**
 * The assignments of the worker. A new process gets new epochs, which voids everything of the old one; what a process
 * has that registered since is none of this one's.
 */
async function settleOwnership(deps: Deps, worker: WorkerItem) {
  const owned = await listOwned(deps, worker.workerId);
  const own = owned.filter(({ workerGeneration }) => workerGeneration === worker.generation);
  const outdated = owned.filter((session) => isOfEarlier(worker, session));
  const room = capacityOf(worker) - own.length;
  const kept = [...own, ...(await takeOver(deps, worker, outdated, room))];
  return [...kept, ...(await adoptUnplaced(deps, worker, kept.length))].map(toAssignment);
}

export const handler = implement(registerWorker, async ({ body }, deps) => {
  const registration = await deps.stores.workers.register(body, deps.config.bucket);
  if (registration.outcome === 'taken')
    throw new AppError(
      'WORKER_EXISTS',
      'A live worker has this id or this endpoint already. Give each worker its own WORKER_ID and WORKER_ENDPOINT.',
    );
  if (registration.outcome === 'past')
    throw new AppError('FENCED', 'This boot id is of a process that is over. Register under a new one.');
  const { worker } = registration;
  const [assignedSessions] = await Promise.all([settleOwnership(deps, worker), announceWorker(deps, worker)]);
  return {
    data: {
      workerId: worker.workerId,
      status: 'registered' as const,
      assignedSessions,
      assignedSessionCount: assignedSessions.length,
      recoveryRequired: assignedSessions.length > 0,
      lease: leaseOf(worker),
      message: 'Worker registered successfully',
    },
  };
});
