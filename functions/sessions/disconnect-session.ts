import { disconnectSession } from '../../shared/sessions/routes.ts';
import { implement } from '../http/implement.ts';
import { hop } from '../workers/hop.ts';
import { callOwner, wishFor } from './command-session.ts';
import { findOwnSession } from './own-session.ts';

const TIMEOUT_MS = 10_000;

export const handler = implement(disconnectSession, async ({ caller, params, requestId }, deps) => {
  const session = await findOwnSession(deps, caller, params.sessionId);
  const { sessionId } = session;
  const isOwned = session.workerId !== undefined;
  // Nobody runs it: then the wish is all there is to do. A logged-out session stays one.
  const atOnce = isOwned || session.status === 'LOGGED_OUT' ? undefined : ('DISCONNECTED' as const);
  const wished = await wishFor(deps, session, 'disconnected', atOnce);
  const call = callOwner(deps, wished, requestId);
  if (call === undefined) return { data: { sessionId, status: wished.status } };

  const { client, ...command } = call;
  const answer = await hop(client.workerDisconnectSession(command, { timeoutMs: TIMEOUT_MS }));
  // A worker that does not know the session has no socket of it either.
  const isDone =
    answer.outcome === 'answered' || (answer.outcome === 'failed' && answer.error.status === 404);
  if (!isDone || wished.status === 'LOGGED_OUT')
    return { status: isDone ? 200 : 202, data: { sessionId, status: wished.status } };
  await deps.stores.sessions.settle(wished, 'DISCONNECTED');
  return { data: { sessionId, status: 'DISCONNECTED' as const } };
});
