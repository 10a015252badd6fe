import {
  HistoryAnswer,
  type HistoryChange,
  type HistoryMessage,
  type HistoryReaction,
  type PollTally,
} from './history-record.ts';

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
  if (change.change === 'reaction' || change.change === 'vote' || change.change === 'answer') return true;
  if (change.change === 'revoked' && isGroup(message.chatId)) return true;
  return isSameAuthor(change, message);
}

/** Keeps the last change of a kind by each person, in the order they were given. */
function lastOfEach(changes: readonly HistoryChange[], kind: HistoryChange['change']): HistoryChange[] {
  const last = new Map<string, HistoryChange>();
  for (const change of changes) {
    if (change.change !== kind) continue;
    last.delete(change.from);
    last.set(change.from, change);
  }
  return [...last.values()];
}

const reactionsOf = (changes: readonly HistoryChange[]): HistoryReaction[] =>
  lastOfEach(changes, 'reaction').flatMap(({ from, content: emoji, at: timestamp }) =>
    emoji === null ? [] : [{ from, emoji, timestamp }],
  );

const MOST_VOTERS = 1_000;

/** Counts the votes by the options of the poll, and by options that were added to it later. */
function tallyOf(poll: HistoryMessage['poll'], changes: readonly HistoryChange[]): PollTally | undefined {
  const votes = lastOfEach(changes, 'vote');
  if (poll === undefined && votes.length === 0) return undefined;
  const voters = new Map<string, string[]>((poll?.options ?? []).map((option) => [option, []]));
  for (const { from, options = [] } of votes)
    for (const option of new Set(options)) {
      const chosen = voters.get(option) ?? [];
      chosen.push(from);
      voters.set(option, chosen);
    }
  return [...voters].map(([option, chosen]) => ({
    option,
    votes: chosen.length,
    voters: chosen.slice(0, MOST_VOTERS),
  }));
}

const answersOf = (changes: readonly HistoryChange[]): HistoryAnswer[] =>
  lastOfEach(changes, 'answer').flatMap(({ from, content, guests = 0, at: timestamp }) => {
    const response = HistoryAnswer.shape.response.safeParse(content).data;
    return response === undefined ? [] : [{ from, response, guests, timestamp }];
  });

/** What is shown of a message that was deleted: where it stood, and who wrote it. */
function withoutContent(message: HistoryMessage): HistoryMessage {
  const { id, direction, chatId, from, to, type, content, sender, chat, timestamp, status } = message;
  const place = { ...(sender === undefined ? {} : { sender }), ...(chat === undefined ? {} : { chat }) };
  return { id, direction, chatId, from, to, type, content, ...place, timestamp, status };
}

/**
 * Applies to a message what was said about its id, as its chat shows it.
 * @param said oldest first; may concern another message of the same id
 */
export function applyChanges(message: HistoryMessage, said: readonly HistoryChange[]): HistoryMessage {
  const changes = said.filter((change) => isSameChat(change, message) && isHeeded(change, message));
  const revocation = changes.find(({ change }) => change === 'revoked');
  if (revocation !== undefined) {
    return { ...withoutContent(message), content: null, revokedAt: revocation.at };
  }
  const edit = changes.findLast(({ change }) => change === 'edited');
  const reactions = reactionsOf(changes);
  const votes = message.type === 'poll' ? tallyOf(message.poll, changes) : undefined;
  const answers = answersOf(changes);
  return {
    ...message,
    ...(edit === undefined ? {} : { content: edit.content, editedAt: edit.at }),
    ...(reactions.length === 0 ? {} : { reactions }),
    ...(votes === undefined ? {} : { votes }),
    ...(answers.length === 0 ? {} : { answers }),
  };
}
