import PQueue from 'p-queue';
import { createEvent, digestOf } from '../../../shared/events/create-event.ts';
import { workerStatus } from '../../../shared/events/gateway-events.ts';
import { busiestFirst, type SessionItem } from '../../../shared/sessions/session-item.ts';
import type { WorkerItem } from '../../../shared/workers/worker-item.ts';
import type { Deps } from '../../deps.ts';
import { handOn } from './hand-on.ts';

export interface Evacuation {
  /** Placed elsewhere. */
  migrated: number;
  /** Waiting for any worker, which adopts them with its next heartbeat. */
  pending: number;
}

/** Sessions moved at a time: a worker that gets all at once answers nobody in time. */
const CONCURRENCY = 8;
const MAX_ROUNDS = 3;
/** Sessions that are not placed by then wait for adoption. */
const PATIENCE_MS = 18_000;

/** Of an earlier process than the one that may have registered since: that one's sessions are none of ours. */
export const isOfEarlier = (
  worker: Pick<WorkerItem, 'workerId' | 'generation'>,
  session: { workerId?: string | undefined; workerGeneration?: number | undefined },
) => session.workerId === worker.workerId && (session.workerGeneration ?? 0) < worker.generation;

/**
 * Takes what is left off a worker that is fenced and has certainly ended; again, where a session changed while it
 * was taken. @param fenced as the fence has left it: it counts for sessions of earlier generations
 */
export async function evacuate(deps: Deps, fenced: WorkerItem, requestId: string): Promise<Evacuation> {
  const deadline = deps.now() + PATIENCE_MS;
  const evacuation = { migrated: 0, pending: 0 };
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const owned = await listOwned(deps, fenced.workerId);
    const left = owned.filter((session) => isOfEarlier(fenced, session));
    if (left.length === 0) break;
    const queue = new PQueue({ concurrency: CONCURRENCY });
    const isFree = isOfEarlier.bind(undefined, fenced);
    const outcomes = await queue.addAll(
      left.toSorted(busiestFirst).map(
        ({ sessionId }) =>
          () =>
            handOn(deps, sessionId, { requestId, isFree, deadline }),
      ),
    );
    for (const outcome of outcomes)
      if (outcome === 'migrated' || outcome === 'pending') evacuation[outcome] += 1;
  }
  return evacuation;
}

/** The worker as it is now, fenced and certain to have ended; `undefined` where it is another process by now. */
async function end(deps: Deps, worker: WorkerItem): Promise<WorkerItem | undefined> {
  const { workers } = deps.stores;
  if (worker.fencedAt === undefined) return await workers.fence(worker, 'dead');
  return worker.leaseExpiresAt === 0 ? worker : await workers.prolong(worker, 0);
}

/**
 * A worker is proven dead (its process has exited, its task has stopped) or has left cleanly: its lease is void
 * at once, and its sessions are placed elsewhere or wait for the next worker, itself started anew included.
 * Nothing happens where another process has registered since.
 * @param proof.bootId of the process that died, where known
 */
export async function declareDead(
  deps: Deps,
  workerId: string,
  proof: { requestId: string; bootId?: string | undefined },
): Promise<Evacuation> {
  const worker = await deps.stores.workers.get(workerId);
  const isOther = proof.bootId !== undefined && worker?.bootId !== proof.bootId;
  if (worker === undefined || isOther) return { migrated: 0, pending: 0 };
  const fenced = await end(deps, worker);
  if (fenced === undefined) return { migrated: 0, pending: 0 };
  const [evacuation] = await Promise.all([
    evacuate(deps, fenced, proof.requestId),
    worker.fencedAt === undefined ? announceWorker(deps, fenced) : undefined,
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
  const at = new Date(deps.now()).toISOString();
  const data = { workerId, status, maxSessions, sessionCount: breakdown.total };
  const fact = digestOf(workerId, status, at);
  return deps.push.toAdmins(createEvent(workerStatus, { fact, at, sessionId: null, data }));
}
