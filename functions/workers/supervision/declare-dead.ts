import PQueue from 'p-queue';
import { createEvent } from '../../../shared/events/create-event.ts';
import { digestOf } from '../../../shared/events/event-id.ts';
import { workerStatus } from '../../../shared/events/gateway-events.ts';
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

/** A few at a time: a worker that gets everything at once has nothing for anybody. */
const CONCURRENCY = 8;
const START_TIMEOUT_MS = 3_000;
const MAX_ROUNDS = 3;
/** What is not placed by then waits for adoption. */
const PATIENCE_MS = 18_000;

/**
 * Takes a session off a worker that runs it no more. Sessions that show a QR are not moved: they start again
 * on demand. `changed`: someone else was faster.
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
    // Before the worker is told: what it reports next is newer.
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

/** One round over what the worker has, as far as the index shows it. */
async function evacuateRound(deps: Deps, workerId: string, options: { requestId: string; deadline: number }) {
  const owned = await listOwned(deps, workerId);
  const queue = new PQueue({ concurrency: CONCURRENCY });
  return await queue.addAll(owned.map((session) => () => evacuateSession(deps, session, options)));
}

/** Empties a worker that is fenced; again, where a session changed while it was taken. */
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

/** The index says where to look, the sessions themselves say whose they are. */
export async function listOwned(deps: Deps, workerId: string): Promise<SessionItem[]> {
  const { sessions } = deps.stores;
  const found = await sessions.getMany(await sessions.listIdsOfWorker(workerId));
  return found.filter((session) => session.workerId === workerId);
}

/** Tells administrators that listen to everything. */
export function announceWorker(deps: Deps, worker: WorkerItem): Promise<void> {
  const { workerId, status, maxSessions, breakdown } = worker;
  const at = new Date(deps.now()).toISOString();
  const data = { workerId, status, maxSessions, sessionCount: breakdown.total };
  const fact = digestOf(workerId, status, at);
  return deps.push.toAdmins(createEvent(workerStatus, { fact, at, sessionId: null, data }));
}
