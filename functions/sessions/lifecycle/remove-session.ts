import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import { endConnections } from '../../accounts/end-connections.ts';
import type { Deps } from '../../deps.ts';
import { endEarlier, removeMessage } from '../../messages/outbox/end-earlier.ts';
import { meterSession } from '../../usage/meter-session.ts';
import { hop } from '../../workers/calls/hop.ts';
import { callOwner, changeSession } from './command-session.ts';
import { candidatesFor } from './place-session.ts';

const TIMEOUT_MS = 10_000;
/** Milliseconds for messages and records while the caller waits. */
const MAX_PAGES = 40;

/**
 * The tombstone with a worker to purge what is left; unchanged where no worker is available, until one adopts
 * it.
 */
async function withOwner(deps: Deps, tombstone: SessionItem): Promise<SessionItem> {
  if (tombstone.workerId !== undefined) return tombstone;
  const [worker] = await candidatesFor(deps);
  const assigned = worker === undefined ? undefined : await deps.stores.sessions.assign(tombstone, worker);
  return assigned ?? tombstone;
}

/**
 * Removes messages and records as far as time allows; the wake-up that was set for the session does the rest.
 */
async function purgeMessages(deps: Deps, tombstone: SessionItem): Promise<boolean> {
  const { sessionId, deletedAt } = tombstone;
  let pages = 0;
  const mayGoOn = () => {
    pages += 1;
    return pages <= MAX_PAGES;
  };
  const readAt = Date.parse(deletedAt ?? tombstone.updatedAt);
  try {
    return (await endEarlier(deps, tombstone, { readAt, mayGoOn, endMessage: removeMessage })) === 'done';
  } catch (error) {
    deps.log.warn({ err: error, sessionId }, 'messages could not be purged with their session; that follows');
    return false;
  }
}

/** Tells whether everything is known to be gone. */
async function purge(deps: Deps, tombstone: SessionItem, requestId: string): Promise<boolean> {
  // It was never assigned, so no worker has written anything for it.
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

/**
 * Takes a session away from its tenant at once, with its keys and their connections, and has its data purged:
 * true where all of that is done, false where it follows.
 */
export async function removeSession(deps: Deps, session: SessionItem, requestId: string): Promise<boolean> {
  const { sessions, accounts, apiKeys, wakeUps } = deps.stores;
  const { userId, sessionId, accountKey, slot } = session;
  // The key goes before the name can be taken again, because its item is named after the session.
  const keyIds = await apiKeys.revokeOfSession(userId, sessionId);
  await wakeUps.end(session);
  const tombstone = await changeSession(deps, session, (current) => sessions.bury(current));
  if (keyIds.length > 0) await endConnections(deps, { userId }, { keyIds });
  await accounts.freeSlots(accountKey, [slot]);
  await meterSession(deps, session, tombstone);
  const isEmpty = await purgeMessages(deps, tombstone);
  return (await purge(deps, tombstone, requestId)) && isEmpty;
}
