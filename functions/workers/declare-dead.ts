import PQueue from 'p-queue';
import { isLinked, type SessionItem } from '../../shared/sessions/session-item.ts';
import type { Deps } from '../deps.ts';
import { placeSession } from '../sessions/place-session.ts';
import { announceWorker } from './announce-worker.ts';

export interface Evacuation {
  /** Placed elsewhere. */
  migrated: number;
  /** Waiting for any worker, which adopts them with its next heartbeat. */
  pending: number;
}

/** A few at a time: a worker that gets everything at once has nothing for anybody. */
const CONCURRENCY = 8;
const START_TIMEOUT_MS = 3_000;
/** What is not placed by then waits for adoption. */
const PATIENCE_MS = 18_000;

/**
 * Takes a session off a worker that runs it no more. Sessions that show a QR are not moved: they start again
 * on demand.
 */
export async function evacuateSession(
  deps: Deps,
  session: SessionItem,
  options: { requestId: string; deadline?: number },
): Promise<'migrated' | 'pending' | 'parked'> {
  const { sessions } = deps.stores;
  const { deletedAt, desired, workerId } = session;
  const isPurge = deletedAt !== undefined || desired === 'logged_out';
  if (!isPurge && !(desired === 'connected' && isLinked(session))) {
    const status = session.status === 'LOGGED_OUT' ? session.status : 'DISCONNECTED';
    await sessions.unassign(session, { unplaced: false, desired: 'disconnected', status });
    return 'parked';
  }
  const inTime = options.deadline === undefined || performance.now() < options.deadline;
  if (isPurge || !inTime) {
    await sessions.unassign(session, { unplaced: true });
    return 'pending';
  }
  const placement = await placeSession(deps, session, {
    requestId: options.requestId,
    terms: { desired: 'connected', status: 'RECONNECTING' },
    exclude: workerId,
    timeoutMs: START_TIMEOUT_MS,
  });
  if (placement.outcome === 'started' || placement.outcome === 'pending') return 'migrated';
  await sessions.unassign(placement.session, { unplaced: true, status: 'RECONNECTING' });
  return 'pending';
}

/** Empties a worker that is fenced. */
async function evacuate(deps: Deps, workerId: string, requestId: string): Promise<Evacuation> {
  const { sessions } = deps.stores;
  const found = await sessions.getMany(await sessions.listIdsOfWorker(workerId));
  const queue = new PQueue({ concurrency: CONCURRENCY });
  const deadline = performance.now() + PATIENCE_MS;
  const outcomes = await queue.addAll(
    found
      .filter((session) => session.workerId === workerId)
      .map((session) => () => evacuateSession(deps, session, { requestId, deadline })),
  );
  return {
    migrated: outcomes.filter((outcome) => outcome === 'migrated').length,
    pending: outcomes.filter((outcome) => outcome === 'pending').length,
  };
}

/**
 * A worker is proven dead (its process has exited, its task has stopped) or has left cleanly: its lease is void
 * at once, and its sessions are placed elsewhere or wait for the next worker, itself started anew included.
 * Nothing happens where it was declared dead before, or where another process has registered since.
 * @param proof.bootId of the process that died, where known
 */
export async function declareDead(
  deps: Deps,
  workerId: string,
  proof: { requestId: string; bootId?: string },
): Promise<Evacuation> {
  const { workers } = deps.stores;
  const worker = await workers.get(workerId);
  const isOther = proof.bootId !== undefined && worker?.bootId !== proof.bootId;
  if (worker === undefined || isOther) return { migrated: 0, pending: 0 };
  const fenced = worker.fencedAt === undefined ? await workers.fence(worker, 'dead') : worker;
  if (fenced === undefined) return { migrated: 0, pending: 0 };
  const [evacuation] = await Promise.all([
    evacuate(deps, workerId, proof.requestId),
    announceWorker(deps, fenced),
  ]);
  deps.log.info({ workerId, requestId: proof.requestId, ...evacuation }, 'a worker is gone');
  return evacuation;
}
