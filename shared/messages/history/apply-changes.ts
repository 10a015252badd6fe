import type { HistoryChange, HistoryMessage, HistoryReaction } from './history-record.ts';

type Place = Pick<HistoryMessage, 'direction' | 'chatId' | 'from' | 'to'>;

const isGroup = (chatId: string) => chatId.endsWith('@g.us');
const namesOf = ({ direction, chatId, from, to }: Place) => [chatId, direction === 'inbound' ? from : to];

/** One person's chat may go by number in one record and by LID in another, as far as was known then. */
function isSameChat(one: Place, other: Place): boolean {
  if (isGroup(one.chatId) || isGroup(other.chatId)) return one.chatId === other.chatId;
  const names = namesOf(other);
  return namesOf(one).some((name) => names.includes(name));
}

const isSameAuthor = (one: Place, other: Place) =>
  one.direction === other.direction &&
  (one.direction === 'outbound' || !isGroup(one.chatId) || one.from === other.from);

/** Phones heed no edit of somebody else's message; admins of a group may revoke everybody's. */
function isHeeded(change: HistoryChange, message: HistoryMessage): boolean {
  if (change.change === 'reaction') return true;
  if (change.change === 'revoked' && isGroup(message.chatId)) return true;
  return isSameAuthor(change, message);
}

/** Of each person the last one that stands, in the order in which they were given. */
function reactionsOf(changes: readonly HistoryChange[]): HistoryReaction[] {
  const last = new Map<string, HistoryChange>();
  for (const change of changes) {
    if (change.change !== 'reaction') continue;
    last.delete(change.from);
    last.set(change.from, change);
  }
  return [...last.values()].flatMap(({ from, content: emoji, at: timestamp }) =>
    emoji === null ? [] : [{ from, emoji, timestamp }],
  );
}

/**
 * A message as its chat shows it, after what was said about its id.
 * @param said oldest first; may be meant for another message that has the same id
 */
export function applyChanges(message: HistoryMessage, said: readonly HistoryChange[]): HistoryMessage {
  const changes = said.filter((change) => isSameChat(change, message) && isHeeded(change, message));
  const revocation = changes.find(({ change }) => change === 'revoked');
  if (revocation !== undefined) {
    const { media: _file, quotedMessageId: _quoted, ...rest } = message;
    return { ...rest, content: null, revokedAt: revocation.at };
  }
  const edit = changes.findLast(({ change }) => change === 'edited');
  const reactions = reactionsOf(changes);
  return {
    ...message,
    ...(edit === undefined ? {} : { content: edit.content, editedAt: edit.at }),
    ...(reactions.length === 0 ? {} : { reactions }),
  };
}
