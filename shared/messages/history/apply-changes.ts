import type { HistoryChange, HistoryMessage, HistoryReaction } from './history-record.ts';

type Place = Pick<HistoryMessage, 'direction' | 'chatId' | 'from' | 'to'>;

const isGroup = (chatId: string) => chatId.endsWith('@g.us');
const namesOf = ({ direction, chatId, from, to }: Place) => [chatId, direction === 'inbound' ? from : to];

/** Records may name one person's chat by number or by LID, depending on what was known then. */
function isSameChat(one: Place, other: Place): boolean {
  if (isGroup(one.chatId) || isGroup(other.chatId)) return one.chatId === other.chatId;
  const names = namesOf(other);
  return namesOf(one).some((name) => names.includes(name));
}

const isSameAuthor = (one: Place, other: Place) =>
  one.direction === other.direction &&
  (one.direction === 'outbound' || !isGroup(one.chatId) || one.from === other.from);

/** Phones ignore edits of other people's messages; admins of a group may revoke anybody's. */
function isHeeded(change: HistoryChange, message: HistoryMessage): boolean {
  if (change.change === 'reaction') return true;
  if (change.change === 'revoked' && isGroup(message.chatId)) return true;
  return isSameAuthor(change, message);
}

/** Keeps the last reaction of each person, in the order they were given. */
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
 * Applies to a message what was said about its id, as its chat shows it.
 * @param said oldest first; may concern another message of the same id
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
