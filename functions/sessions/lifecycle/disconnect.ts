import type { SessionStatus } from '../../../shared/sessions/schema.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import type { Deps } from '../../deps.ts';
import { hop } from '../../workers/calls/hop.ts';
import { callOwner, wishFor } from './command-session.ts';

const TIMEOUT_MS = 10_000;

/** 200 with the new state, or 202 where it will happen later. */
export interface Disconnecting {
  status: 200 | 202;
  data: { sessionId: string; status: SessionStatus };
}

/**
 * Closes the connection and keeps the credentials: the wish is stored at once, the status follows with the
 * worker's report.
 */
export async function disconnect(
  deps: Deps,
  session: SessionItem,
  requestId: string,
): Promise<Disconnecting> {
  const { sessionId } = session;
  const isOwned = session.workerId !== undefined;
  // No worker runs it, so storing the wish is all there is to do. A logged-out session stays logged out.
  const atOnce = isOwned || session.status === 'LOGGED_OUT' ? undefined : ('DISCONNECTED' as const);
  const wished = await wishFor(deps, session, 'disconnected', atOnce);
  const call = callOwner(deps, wished, requestId);
  if (call === undefined) return { status: 200, data: { sessionId, status: wished.status } };

  const { client, ...command } = call;
  const answer = await hop(client.workerDisconnectSession(command, { timeoutMs: TIMEOUT_MS }));
  // A worker that does not know the session has no socket of it.
  const isDone =
    answer.outcome === 'answered' || (answer.outcome === 'failed' && answer.error.status === 404);
  if (!isDone || wished.status === 'LOGGED_OUT')
    return { status: isDone ? 200 : 202, data: { sessionId, status: wished.status } };
  await deps.stores.sessions.settle(wished, 'DISCONNECTED');
  return { status: 200, data: { sessionId, status: 'DISCONNECTED' } };
}
