import { isBefore, lifeOf, linkOf } from '../../../shared/messages/outbox/link.ts';
import { isWaiting, type LineEntry, type OutboxItem } from '../../../shared/messages/outbox/outbox-item.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import type { MayGoOn } from '../../../shared/table/purge-partition.ts';
import type { Deps } from '../../deps.ts';

/** `later`: a dispatcher is just handing some of it over; `stopped`: time ran out. */
export type Ending = 'done' | 'later' | 'stopped';

export interface EndingOptions {
  /** When the session was read, in milliseconds: later items may belong to its successor. */
  readAt: number;
  mayGoOn: MayGoOn;
  endMessage: EndMessage;
}

const PAGE = 25;

/** Sessions of this name that began before this time are gone. */
export const beginOf = ({ deletedAt, firstEpoch = 0 }: SessionItem) =>
  deletedAt === undefined ? firstEpoch : firstEpoch + 1;

/**
 * Tells whether the link or the session that a message was accepted for has ended. A message of a later link
 * than the session had when it was read is not over; the session has to be read again.
 */
export const isOver = (session: SessionItem, { link }: Pick<LineEntry, 'link'>): boolean =>
  lifeOf(link) < beginOf(session) || (session.deletedAt === undefined && isBefore(link, linkOf(session)));

/** Outcome of a message that is over: nobody is left to be told of a deleted session's. */
export type EndMessage = (deps: Deps, session: SessionItem, item: OutboxItem) => Promise<void>;

export const removeMessage: EndMessage = ({ stores }, _session, item) => stores.outbox.remove(item);

/** Tells whether its place in line is free: not while a dispatcher hands it over, since it may be sent. */
async function endEntry(
  deps: Deps,
  session: SessionItem,
  entry: LineEntry,
  endMessage: EndMessage,
): Promise<boolean> {
  const { sessionId } = session;
  const item = await deps.stores.outbox.get(sessionId, entry.messageId);
  if (item !== undefined && isWaiting(item)) {
    if ((Date.parse(item.claimedUntil ?? '') || 0) > deps.now()) return false;
    await endMessage(deps, session, item);
  }
  await deps.stores.outbox.leaveLine(sessionId, entry);
  return true;
}

async function endLine(
  deps: Deps,
  session: SessionItem,
  { mayGoOn, endMessage }: EndingOptions,
): Promise<Ending> {
  const { sessionId } = session;
  let ending: Ending = 'done';
  let after: string | undefined;
  for (;;) {
    if (!mayGoOn()) return 'stopped';
    const page = await deps.stores.outbox.head(sessionId, PAGE, after);
    const over = page.filter((entry) => isOver(session, entry));
    const ended = await Promise.all(over.map((entry) => endEntry(deps, session, entry, endMessage)));
    const left = ended.filter((isFree) => isFree).length;
    if (left < over.length) ending = 'later';
    if (left > 0) await deps.stores.wakeUps.forget(sessionId, left);
    if (page.length < PAGE) return ending;
    after = page.at(-1)?.sk;
  }
}

/** Removes what deleted sessions of this name have left in the table: messages, records, declared uploads. */
async function purgeDeleted(
  deps: Deps,
  session: SessionItem,
  { readAt, mayGoOn }: EndingOptions,
): Promise<boolean> {
  const { sessionId, deletedAt, createdAt } = session;
  const { outbox, messages, media } = deps.stores;
  const life = beginOf(session);
  if (life === 0) return true;
  // Records do not say which session wrote them: those older than the tombstone, or than the next session,
  // are removed.
  const before = deletedAt === undefined ? createdAt : new Date(readAt + 1).toISOString();
  return (
    (await outbox.purge(sessionId, life, mayGoOn)) &&
    (await messages.purge(sessionId, before, mayGoOn)) &&
    (await media.purge(sessionId, before, mayGoOn))
  );
}

/**
 * Ends whatever waits for a phone that is no longer linked, and removes what deleted sessions of this name
 * have left. It may stop or die at any point and continues when called again; items of the current session
 * are never touched, however late it runs.
 */
export async function endEarlier(deps: Deps, session: SessionItem, options: EndingOptions): Promise<Ending> {
  const ending = await endLine(deps, session, options);
  if (ending === 'stopped') return ending;
  return (await purgeDeleted(deps, session, options)) ? ending : 'stopped';
}
