import type { Session } from '../../shared/sessions/schema.ts';
import { type Confirmation, type SessionItem, toSession } from '../../shared/sessions/session-item.ts';
import type { WorkerItem } from '../../shared/workers/worker-item.ts';
import { HEARTBEAT_INTERVAL_MS } from '../../shared/workers/worker-item.ts';
import type { Deps } from '../deps.ts';

/** One heartbeat may be late; after two, nobody knows. */
const CONFIRMED_MS = 2 * HEARTBEAT_INTERVAL_MS;

const NOBODYS: Confirmation = { confirmedAt: null, confirmed: true };

function confirmationOf(session: SessionItem, worker: WorkerItem | undefined, now: number): Confirmation {
  if (session.workerId === undefined) return NOBODYS;
  const { updatedAt, lastActivity, workerGeneration } = session;
  const isHeld = worker !== undefined && worker.generation === workerGeneration;
  const times = [updatedAt, lastActivity, isHeld ? worker.lastHeartbeat : null];
  const at = Math.max(...times.map((time) => (time === null ? 0 : Date.parse(time))));
  return { confirmedAt: new Date(at).toISOString(), confirmed: now - at < CONFIRMED_MS };
}

/** What was last heard of the workers that have these sessions, in their order. */
export async function confirmSessions(
  deps: Pick<Deps, 'stores' | 'now'>,
  sessions: readonly SessionItem[],
): Promise<Confirmation[]> {
  const ids = new Set(sessions.flatMap(({ workerId }) => workerId ?? []));
  const workers = ids.size === 0 ? [] : await deps.stores.workers.getMany([...ids]);
  const byId = new Map(workers.map((worker) => [worker.workerId, worker]));
  return sessions.map((session) => confirmationOf(session, byId.get(session.workerId ?? ''), deps.now()));
}

/** Sessions as their tenants see them. */
export async function presentSessions(
  deps: Pick<Deps, 'stores' | 'now'>,
  sessions: readonly SessionItem[],
): Promise<Session[]> {
  const confirmations = await confirmSessions(deps, sessions);
  return sessions.map((session, index) => toSession(session, confirmations[index] ?? NOBODYS));
}

export async function confirmSession(
  deps: Pick<Deps, 'stores' | 'now'>,
  session: SessionItem,
): Promise<Confirmation> {
  const [confirmation = NOBODYS] = await confirmSessions(deps, [session]);
  return confirmation;
}

export async function presentSession(
  deps: Pick<Deps, 'stores' | 'now'>,
  session: SessionItem,
): Promise<Session> {
  return toSession(session, await confirmSession(deps, session));
}
