import { isBefore, lifeOf, linkOf } from '../../../shared/messages/outbox/link.ts';
import { isWaiting, type LineEntry, type OutboxItem } from '../../../shared/messages/outbox/outbox-item.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import type { MayGoOn } from '../../../shared/table/purge-partition.ts';
import type { Deps } from '../../deps.ts';

/** `later`: some of it is just being handed over; `stopped`: there was no time for all of it. */
export type Ending = 'done' | 'later' | 'stopped';

export interface EndingOptions {
  /** When reading the session began, in milliseconds: what came later may be the next one's. */
  readAt: number;
  mayGoOn: MayGoOn;
  endMessage: EndMessage;
}

const PAGE = 25;

/** Sessions of this name whose life began before it are gone. */
export const beginOf = ({ deletedAt, firstEpoch = 0 }: SessionItem) =>
  deletedAt === undefined ? firstEpoch : firstEpoch + 1;

/**
 * Whether what a message was accepted for has ended. One that is accepted for a later link than this session had
 * when it was read is not over: then the session is to be read again.
 */
export const isOver = (session: SessionItem, { link }: Pick<LineEntry, 'link'>): boolean =>
  lifeOf(link) < beginOf(session) || (session.deletedAt === undefined && isBefore(link, linkOf(session)));

/** What becomes of a message that is over: a session that is deleted has nobody to be told. */
export type EndMessage = (deps: Deps, session: SessionItem, item: OutboxItem) => Promise<void>;

export const removeMessage: EndMessage = ({ stores }, _session, item) => stores.outbox.remove(item);

/** Whether its place in line is free; not so while a dispatcher hands it over, since it may be sent. */
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

/** What the table holds of sessions of this name that were deleted: messages, their records, declared uploads. */
async function purgeDeleted(
  deps: Deps,
  session: SessionItem,
  { readAt, mayGoOn }: EndingOptions,
): Promise<boolean> {
  const { sessionId, deletedAt, createdAt } = session;
  const { outbox, messages, media } = deps.stores;
  const life = beginOf(session);
  if (life === 0) return true;
  // Records name no life: those made until a tombstone was seen, or before the next session was created, are old.
  const before = deletedAt === undefined ? createdAt : new Date(readAt + 1).toISOString();
  return (
    (await outbox.purge(sessionId, life, mayGoOn)) &&
    (await messages.purge(sessionId, before, mayGoOn)) &&
    (await media.purge(sessionId, before, mayGoOn))
  );
}

/**
 * Ends whatever waits for a phone that is no longer linked, and removes what deleted sessions of this name have
 * left. It may stop or die anywhere and goes on when called again; what belongs to the session as it is now is
 * never touched, however late this comes.
 */
export async function endEarlier(deps: Deps, session: SessionItem, options: EndingOptions): Promise<Ending> {
  const ending = await endLine(deps, session, options);
  if (ending === 'stopped') return ending;
  return (await purgeDeleted(deps, session, options)) ? ending : 'stopped';
}
