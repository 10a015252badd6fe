import PQueue from 'p-queue';
import { busiestFirst, isPurge, isRunning, type SessionItem } from '../../../shared/sessions/session-item.ts';
import { capacityOf, isLeaving, type WorkerItem } from '../../../shared/workers/worker-item.ts';
import type { Deps } from '../../deps.ts';
import { announceSession } from '../../realtime/session-events.ts';

const CONCURRENCY = 10;
/** Sessions adopted with one heartbeat; the next one continues. */
const MAX_ADOPTED = 10;
/** Of those that wait, so many are looked at for the busiest. */
const MAX_READ = 50;

/** What a worker has to do something about: reconnect, log out, or purge. */
const isWanted = (session: SessionItem) => isPurge(session) || isRunning(session);

async function take(deps: Deps, session: SessionItem, worker: WorkerItem): Promise<SessionItem | undefined> {
  const { sessions } = deps.stores;
  if (!isWanted(session)) {
    const status = session.status === 'LOGGED_OUT' ? session.status : 'DISCONNECTED';
    const parked = await sessions.unassign(session, { unplaced: false, desired: 'disconnected', status });
    if (parked !== undefined && parked.status !== session.status) await announceSession(deps, parked);
    return undefined;
  }
  const terms = session.status === 'CONNECTED' ? ({ status: 'RECONNECTING' } as const) : {};
  const assigned = await sessions.assign(session, worker, terms);
  if (assigned !== undefined && assigned.status !== session.status) await announceSession(deps, assigned);
  return assigned;
}

/** Any other worker may have it: this one has no room. */
async function passBy(deps: Deps, session: SessionItem): Promise<undefined> {
  const waiting = await deps.stores.sessions.unassign(session, { unplaced: true, status: 'RECONNECTING' });
  if (waiting !== undefined && waiting.status !== session.status) await announceSession(deps, waiting);
  return undefined;
}

/**
 * Gives each of these sessions a new epoch under this worker, the busiest first; those that need no worker now are put
 * aside. @param room how many connections it can take; the rest waits for any worker
 */
export async function takeOver(
  deps: Deps,
  worker: WorkerItem,
  sessions: readonly SessionItem[],
  room: number,
): Promise<SessionItem[]> {
  const inOrder = sessions.toSorted(busiestFirst);
  const tooMany = new Set(inOrder.filter(isRunning).slice(Math.max(0, room)));
  const queue = new PQueue({ concurrency: CONCURRENCY });
  const taken = await queue.addAll(
    inOrder.map(
      (session) => () => (tooMany.has(session) ? passBy(deps, session) : take(deps, session, worker)),
    ),
  );
  return taken.filter((session) => session !== undefined);
}

/** Adopts sessions and tombstones that wait for any worker, as far as this one has room. */
export async function adoptUnplaced(deps: Deps, worker: WorkerItem, used: number): Promise<SessionItem[]> {
  const room = Math.min(MAX_ADOPTED, capacityOf(worker) - used);
  if (worker.status !== 'ONLINE' || isLeaving(worker) || room <= 0) return [];
  const { sessions } = deps.stores;
  const ids = await sessions.listUnplacedIds(MAX_READ);
  if (ids.length === 0) return [];
  const waiting = (await sessions.getMany(ids)).filter(({ workerId }) => workerId === undefined);
  return await takeOver(deps, worker, waiting.toSorted(busiestFirst).slice(0, room), room);
}
