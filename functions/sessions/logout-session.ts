import { logoutSession } from '../../shared/sessions/routes.ts';
import { isLinked, type SessionItem } from '../../shared/sessions/session-item.ts';
import type { Deps } from '../deps.ts';
import { implement } from '../http/implement.ts';
import { hop } from '../workers/calls/hop.ts';
import { callOwner, wishFor } from './lifecycle/command-session.ts';
import { candidatesFor } from './lifecycle/place-session.ts';
import { findOwnSession } from './own-session.ts';

/** An offline session has to connect first, or the phone would keep the device in its list. */
const TIMEOUT_MS = 20_000;

/** Assigns any worker, which learns of the logout with its next heartbeat. */
async function entrust(deps: Deps, session: SessionItem): Promise<void> {
  const [worker] = await candidatesFor(deps);
  if (worker !== undefined) await deps.stores.sessions.assign(session, worker);
  else await deps.stores.sessions.unassign(session, { unplaced: true });
}

async function settle(deps: Deps, session: SessionItem) {
  await deps.stores.sessions.settle(session, 'LOGGED_OUT');
  await deps.stores.wakeUps.end(session);
  return { data: { sessionId: session.sessionId, status: 'LOGGED_OUT' as const } };
}

export const handler = implement(logoutSession, async ({ caller, params, requestId }, deps) => {
  const session = await findOwnSession(deps, caller, params.sessionId);
  const wished = await wishFor(deps, session, 'logged_out');
  const accepted = { status: 202, data: { sessionId: session.sessionId, status: wished.status } };
  const call = callOwner(deps, wished, requestId);
  if (call === undefined) {
    if (!isLinked(wished)) return await settle(deps, wished);
    await entrust(deps, wished);
    return accepted;
  }
  const { client, ...command } = call;
  const answer = await hop(client.workerLogoutSession(command, { timeoutMs: TIMEOUT_MS }));
  if (answer.outcome === 'answered') return await settle(deps, wished);
  const isUnknown = answer.outcome === 'failed' && answer.error.status === 404;
  return isUnknown && !isLinked(wished) ? await settle(deps, wished) : accepted;
});
