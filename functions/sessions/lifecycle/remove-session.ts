import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import { endConnections } from '../../accounts/end-connections.ts';
import type { Deps } from '../../deps.ts';
import { endEarlier, removeMessage } from '../../messages/outbox/end-earlier.ts';
import { meterSession } from '../../usage/meter-session.ts';
import { hop } from '../../workers/calls/hop.ts';
import { callOwner, changeSession } from './command-session.ts';
import { candidatesFor } from './place-session.ts';

const TIMEOUT_MS = 10_000;
/** Of messages and records, while the caller waits. */
const MAX_PAGES = 40;

/** The tombstone with someone to purge what it stands for; as it is where there is nobody, until one adopts it. */
async function withOwner(deps: Deps, tombstone: SessionItem): Promise<SessionItem> {
  if (tombstone.workerId !== undefined) return tombstone;
  const [worker] = await candidatesFor(deps);
  const assigned = worker === undefined ? undefined : await deps.stores.sessions.assign(tombstone, worker);
  return assigned ?? tombstone;
}

/** Messages and their records, as far as that is soon done; the wakeUp that was set for it brings about the rest. */
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

/**
 * Takes a session away from its tenant at once, with its keys and their connections, and has whatever it left
 * purged: true where all of that is done, false where it follows.
 */
export async function removeSession(deps: Deps, session: SessionItem, requestId: string): Promise<boolean> {
  const { sessions, accounts, apiKeys, wakeUps } = deps.stores;
  const { userId, sessionId, accountKey, slot } = session;
  // Before its name may be taken anew, and with it the place of its key.
  const keyIds = await apiKeys.revokeOfSession(userId, sessionId);
  await wakeUps.end(session);
  const tombstone = await changeSession(deps, session, (current) => sessions.bury(current));
  if (keyIds.length > 0) await endConnections(deps, { userId }, { keyIds });
  await accounts.freeSlots(accountKey, [slot]);
  await meterSession(deps, session, tombstone);
  const isEmpty = await purgeMessages(deps, tombstone);
  return (await purge(deps, tombstone, requestId)) && isEmpty;
}
