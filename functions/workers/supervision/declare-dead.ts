import PQueue from 'p-queue';
import type { Terms } from '../../../shared/sessions/ownership.ts';
import { isLinked, type SessionItem } from '../../../shared/sessions/session-item.ts';
import type { WorkerItem } from '../../../shared/workers/worker-item.ts';
import type { Deps } from '../../deps.ts';
import { announceSession } from '../../realtime/session-events.ts';
import { placeSession } from '../../sessions/lifecycle/place-session.ts';

export interface Evacuation {
  /** Placed elsewhere. */
  migrated: number;
  /** Waiting for any worker, which adopts them with its next heartbeat. */
  pending: number;
}

/** Sessions moved at a time: a worker that gets all at once answers nobody in time. */
const CONCURRENCY = 8;
const START_TIMEOUT_MS = 3_000;
const MAX_ROUNDS = 3;
/** Sessions that are not placed by then wait for adoption. */
const PATIENCE_MS = 18_000;

/**
 * Takes a session off a worker that no longer runs it. Sessions that show a QR are not moved: they start
 * again on demand. `changed`: somebody else changed it first.
 */
export async function evacuateSession(
  deps: Deps,
  session: SessionItem,
  options: { requestId: string; deadline?: number; timeoutMs?: number },
): Promise<'migrated' | 'pending' | 'parked' | 'changed'> {
  const { sessions } = deps.stores;
  const { deletedAt, desired, workerId } = session;
  const isPurge = deletedAt !== undefined || desired === 'logged_out';
  if (!isPurge && !(desired === 'connected' && isLinked(session))) {
    const status = session.status === 'LOGGED_OUT' ? session.status : 'DISCONNECTED';
    const parked = await sessions.unassign(session, { unplaced: false, desired: 'disconnected', status });
    if (parked === undefined) return 'changed';
    if (parked.status !== session.status) await announceSession(deps, parked);
    return 'parked';
  }
  const inTime = options.deadline === undefined || performance.now() < options.deadline;
  if (isPurge || !inTime) {
    return await waitForAny(deps, session, isPurge ? {} : { status: 'RECONNECTING' });
  }
  const placement = await placeSession(deps, session, {
    requestId: options.requestId,
    terms: { desired: 'connected', status: 'RECONNECTING' },
    exclude: workerId,
    timeoutMs: options.timeoutMs ?? START_TIMEOUT_MS,
    // Written before the worker is told, so that its next report is newer.
    onAssigned: (assigned) => announceSession(deps, assigned),
  });
  if (placement.outcome === 'started' || placement.outcome === 'pending') return 'migrated';
  return await waitForAny(deps, placement.session, { status: 'RECONNECTING' });
}

async function waitForAny(deps: Deps, session: SessionItem, terms: Terms): Promise<'pending' | 'changed'> {
  const waiting = await deps.stores.sessions.unassign(session, { ...terms, unplaced: true });
  if (waiting === undefined) return 'changed';
  if (waiting.status !== session.status) await announceSession(deps, waiting);
  return 'pending';
}

/** Goes once over the worker's sessions, as the index shows them. */
async function evacuateRound(deps: Deps, workerId: string, options: { requestId: string; deadline: number }) {
  const owned = await listOwned(deps, workerId);
  const queue = new PQueue({ concurrency: CONCURRENCY });
  return await queue.addAll(owned.map((session) => () => evacuateSession(deps, session, options)));
}

/** Empties a fenced worker, and repeats where a session changed while it was taken. */
async function evacuate(deps: Deps, workerId: string, requestId: string): Promise<Evacuation> {
  const deadline = performance.now() + PATIENCE_MS;
  const evacuation = { migrated: 0, pending: 0 };
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const outcomes = await evacuateRound(deps, workerId, { requestId, deadline });
    if (outcomes.length === 0) break;
    evacuation.migrated += outcomes.filter((outcome) => outcome === 'migrated').length;
    evacuation.pending += outcomes.filter((outcome) => outcome === 'pending').length;
  }
  return evacuation;
}

/**
 * Handles a worker that is proven dead (its process has exited, its task has stopped) or has left cleanly:
 * its lease is void at once, and its sessions are placed elsewhere or wait for the next worker, which may be
 * its own restart. Nothing happens where it was declared dead before, or where another process has registered
 * since.
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

/** The index says where to look; each session's own item says whose it is. */
export async function listOwned(deps: Deps, workerId: string): Promise<SessionItem[]> {
  const { sessions } = deps.stores;
  const found = await sessions.getMany(await sessions.listIdsOfWorker(workerId));
  return found.filter((session) => session.workerId === workerId);
}

/** Tells administrators who subscribe to everything. */
export function announceWorker(deps: Deps, worker: WorkerItem): Promise<void> {
  const { workerId, status, maxSessions, breakdown } = worker;
  return deps.push.toAdmins({
    event: 'worker_status_update',
    data: { workerId, status, maxSessions, sessionCount: breakdown.total },
    timestamp: new Date(deps.now()).toISOString(),
  });
}
