import type { SessionStatus } from '../../../shared/sessions/schema.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import type { Deps } from '../../deps.ts';
import { hop } from '../../workers/calls/hop.ts';
import { callOwner, wishFor } from './command-session.ts';

const TIMEOUT_MS = 10_000;

/** 200 with what is so, or 202 where it will happen. */
export interface Disconnecting {
  status: 200 | 202;
  data: { sessionId: string; status: SessionStatus };
}

/** Closes the connection and keeps the credentials: as a wish at once, as a fact once the worker has said so. */
export async function disconnect(
  deps: Deps,
  session: SessionItem,
  requestId: string,
): Promise<Disconnecting> {
  const { sessionId } = session;
  const isOwned = session.workerId !== undefined;
  // Nobody runs it: then the wish is all there is to do. A logged-out session stays one.
  const atOnce = isOwned || session.status === 'LOGGED_OUT' ? undefined : ('DISCONNECTED' as const);
  const wished = await wishFor(deps, session, 'disconnected', atOnce);
  const call = callOwner(deps, wished, requestId);
  if (call === undefined) return { status: 200, data: { sessionId, status: wished.status } };

  const { client, ...command } = call;
  const answer = await hop(client.workerDisconnectSession(command, { timeoutMs: TIMEOUT_MS }));
  // A worker that does not know the session has no socket of it either.
  const isDone =
    answer.outcome === 'answered' || (answer.outcome === 'failed' && answer.error.status === 404);
  if (!isDone || wished.status === 'LOGGED_OUT')
    return { status: isDone ? 200 : 202, data: { sessionId, status: wished.status } };
  await deps.stores.sessions.settle(wished, 'DISCONNECTED');
  return { status: 200, data: { sessionId, status: 'DISCONNECTED' } };
}
