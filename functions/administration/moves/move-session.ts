import { isPurge, orderOf, type SessionItem } from '../../../shared/sessions/session-item.ts';
import { hasEnded, type WorkerItem } from '../../../shared/workers/worker-item.ts';
import type { Deps } from '../../deps.ts';
import { announceSession } from '../../realtime/session-events.ts';
import { callOwner } from '../../sessions/lifecycle/command-session.ts';
import { hop } from '../../workers/calls/hop.ts';
import { type HandOn, handOn } from '../../workers/supervision/hand-on.ts';

const LET_GO_TIMEOUT_MS = 8_000;

/** `moving`: its owner has not said yet that it has let go; once it does, the session is handed on. */
export type Move = HandOn | 'moving';

export interface MoveOptions {
  requestId: string;
  /** The worker to move to; the best one where absent, and where that one does not take it. */
  target?: WorkerItem | undefined;
}

type Released = { phoneNumber: string | null } | undefined;

/** Has the owner flush, close and forget. `undefined` where it has not said that it has. */
async function letGo(
  deps: Deps,
  session: SessionItem,
  owner: WorkerItem | undefined,
  requestId: string,
): Promise<Released> {
  const call = callOwner(deps, session, requestId);
  if (call === undefined) return undefined;
  const { client, params, body } = call;
  const options = { timeoutMs: LET_GO_TIMEOUT_MS };
  const answer = await hop(client.workerReleaseSession({ params, body }, options));
  if (answer.outcome === 'answered') return answer.data;
  const isOlder = answer.outcome === 'failed' && answer.error.status === 404;
  if (owner?.fencesItself !== false || !isOlder) return undefined;
  // Other workers may know no release; a worker that does not hold a session has no socket of it either.
  const closed = await hop(client.workerDisconnectSession({ params, body }, options));
  const isClosed =
    closed.outcome === 'answered' || (closed.outcome === 'failed' && closed.error.status === 404);
  return isClosed ? { phoneNumber: null } : undefined;
}

/**
 * Moves a session from a worker that runs: that it shall go is written down first, then its owner lets go of it, then
 * another one gets it; no QR, nothing lost. Where this ends half-way, the owner goes on by itself: it tells again with
 * each heartbeat that it has let go.
 */
export async function moveSession(
  deps: Deps,
  session: SessionItem,
  { requestId, target }: MoveOptions,
): Promise<Move> {
  const { sessions, workers } = deps.stores;
  const { sessionId, workerId, epoch } = session;
  if (isPurge(session)) return 'changed';
  const owner = workerId === undefined ? undefined : await workers.get(workerId);
  if (hasEnded(session.workerGeneration, owner, deps.now())) {
    const isFree = (current: SessionItem) => current.epoch === epoch && current.workerId === workerId;
    return await handOn(deps, sessionId, { requestId, isFree });
  }
  const moving = await sessions.beginMove(session, target?.workerId);
  if (moving === undefined) return 'changed';
  if (moving.status !== session.status) await announceSession(deps, moving);
  const released = await letGo(deps, moving, owner, requestId);
  if (released === undefined) return 'moving';
  const { phoneNumber } = released;
  const isFree = (current: SessionItem) => current.epoch === epoch && orderOf(current) === 'released';
  return await handOn(deps, sessionId, { requestId, isFree, phoneNumber });
}
