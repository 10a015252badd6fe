import { isLinked, type SessionItem } from '../../../shared/sessions/session-item.ts';
import { isLive, type WorkerItem } from '../../../shared/workers/worker-item.ts';
import type { Deps } from '../../deps.ts';
import { announceSession } from '../../realtime/session-events.ts';
import { callOwner } from '../../sessions/lifecycle/command-session.ts';
import { startOnWorker } from '../../sessions/lifecycle/start-on-worker.ts';
import { hop } from '../../workers/calls/hop.ts';
import { evacuateSession } from '../../workers/supervision/declare-dead.ts';

const LET_GO_TIMEOUT_MS = 8_000;

/**
 * `kept`: its worker did not let go, so the session stays. `parked`: it was not connected, and starts on any
 * worker on demand. `changed`: somebody else changed it first.
 */
export type Move = 'migrated' | 'pending' | 'parked' | 'changed' | 'kept';

export interface MoveOptions {
  requestId: string;
  /** The worker to move to; the best one where absent. */
  target?: WorkerItem | undefined;
}

/**
 * Has the owner flush and close. The record stays as it is, with the wish `connected`: if nobody takes the
 * session from here on, the next heartbeat's answer tells its owner to connect it again.
 */
async function letGo(deps: Deps, session: SessionItem, requestId: string): Promise<boolean> {
  const owner = session.workerId === undefined ? undefined : await deps.stores.workers.get(session.workerId);
  if (owner === undefined || !isLive(owner, deps.now())) return true;
  const call = callOwner(deps, session, requestId);
  if (call === undefined) return true;
  const { client, params, body } = call;
  const answer = await hop(
    client.workerDisconnectSession({ params, body }, { timeoutMs: LET_GO_TIMEOUT_MS }),
  );
  return answer.outcome === 'answered' || (answer.outcome === 'failed' && answer.error.status === 404);
}

async function moveTo(
  deps: Deps,
  session: SessionItem,
  target: WorkerItem,
  requestId: string,
): Promise<Move> {
  const terms = { desired: 'connected', status: 'RECONNECTING' } as const;
  const assigned = await deps.stores.sessions.assign(session, target, terms);
  if (assigned === undefined) return 'changed';
  await announceSession(deps, assigned);
  const started = await startOnWorker(deps, assigned, { requestId });
  if (started.outcome === 'answered' || started.outcome === 'unknown') return 'migrated';
  // The named worker does not accept it, and any other is better than none.
  const elsewhere = await evacuateSession(deps, assigned, { requestId });
  return elsewhere;
}

/**
 * Moves a session off a running worker: closes it there, then opens it elsewhere, without a QR and without
 * loss.
 */
export async function moveSession(
  deps: Deps,
  session: SessionItem,
  { requestId, target }: MoveOptions,
): Promise<Move> {
  if (!(await letGo(deps, session, requestId))) return 'kept';
  // Reports have changed the record meanwhile; owner and wish must still be as they were read.
  const current = await deps.stores.sessions.get(session.sessionId);
  if (current === undefined || current.epoch !== session.epoch || current.rev !== session.rev)
    return 'changed';
  const isRunning = current.deletedAt === undefined && current.desired === 'connected' && isLinked(current);
  if (target !== undefined && isRunning) return await moveTo(deps, current, target, requestId);
  return await evacuateSession(deps, current, { requestId });
}
