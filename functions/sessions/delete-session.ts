import { deleteSession } from '../../shared/sessions/routes.ts';
import type { SessionItem } from '../../shared/sessions/session-item.ts';
import type { Deps } from '../deps.ts';
import { implement } from '../http/implement.ts';
import { hop } from '../workers/hop.ts';
import { callOwner, changeSession } from './command-session.ts';
import { findOwnSession } from './own-session.ts';
import { candidatesFor } from './place-session.ts';

const TIMEOUT_MS = 10_000;

/** The tombstone with someone to purge what it stands for; as it is where there is nobody, until one adopts it. */
async function withOwner(deps: Deps, tombstone: SessionItem): Promise<SessionItem> {
  if (tombstone.workerId !== undefined) return tombstone;
  const [worker] = await candidatesFor(deps);
  const assigned = worker === undefined ? undefined : await deps.stores.sessions.assign(tombstone, worker);
  return assigned ?? tombstone;
}

/** Whether everything is gone for certain. */
async function purge(deps: Deps, tombstone: SessionItem, requestId: string): Promise<boolean> {
  // Never assigned: no worker has ever written anything for it.
  const owned = tombstone.epoch === 0 ? undefined : await withOwner(deps, tombstone);
  if (owned !== undefined) {
    const call = callOwner(deps, owned, requestId);
    if (call === undefined) return false;
    const { client, ...command } = call;
    const answer = await hop(client.workerDeleteSession(command, { timeoutMs: TIMEOUT_MS }));
    if (answer.outcome !== 'answered') return false;
  }
  await deps.stores.sessions.settleBurial(owned ?? tombstone);
  return true;
}

export const handler = implement(deleteSession, async ({ caller, params, requestId }, deps) => {
  const session = await findOwnSession(deps, caller, params.sessionId);
  const { sessionId, accountKey, slot } = session;
  const tombstone = await changeSession(deps, session, (current) => deps.stores.sessions.bury(current));
  await deps.stores.accounts.freeSlots(accountKey, [slot]);
  const isPurged = await purge(deps, tombstone, requestId);
  return { status: isPurged ? 200 : 202, data: { sessionId, status: 'DELETED' as const } };
});
