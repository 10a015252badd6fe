import { proto } from '@whiskeysockets/baileys';
import type { Account, RememberedMessage } from '../world/account.ts';
import type { World } from '../world/world.ts';
import { jidOfChat, webMessage } from './past-messages.ts';

const bootstrapChats = 50;
const bootstrapPerChat = 20;
/** Of the messages that are not in the first part. */
const recentMessages = 1_000;
const chunkSize = 200;

/** What a new device gets of the past: the latest of each chat, the recent ones, and all of it when it asked. */
export function historiesFor(world: World, account: Account, full: boolean): proto.IHistorySync[] {
  const { HistorySyncType } = proto.HistorySync;
  const all = [...account.remembered.values()].sort((one, other) => other.timestamp - one.timestamp);
  const first = latestOfEach(all);
  const rest = all.filter((message) => !first.has(message));
  const people = new Set(all.flatMap(({ chat, from }) => [chat, from]));
  const known = [...people].flatMap((number) => world.accounts.get(number) ?? []);
  const phoneNumberToLidMappings = known.map((one) => ({ pnJid: one.jid('pn'), lidJid: one.jid('lid') }));
  const pushnames = known.map((one) => ({ id: one.jid('pn'), pushname: one.profile.name }));
  const bootstrap = conversationsOf(world, account, [...first]);
  return [
    {
      syncType: HistorySyncType.INITIAL_BOOTSTRAP,
      progress: 100,
      conversations: bootstrap,
      phoneNumberToLidMappings,
    },
    { syncType: HistorySyncType.PUSH_NAME, pushnames },
    ...inChunks(world, account, HistorySyncType.RECENT, rest.slice(0, recentMessages)),
    ...(full ? inChunks(world, account, HistorySyncType.FULL, rest.slice(recentMessages)) : []),
  ];
}

function latestOfEach(newestFirst: readonly RememberedMessage[]): Set<RememberedMessage> {
  const counts = new Map<string, number>();
  const latest = new Set<RememberedMessage>();
  for (const message of newestFirst) {
    const count = counts.get(message.chat) ?? 0;
    if (count >= bootstrapPerChat || (count === 0 && counts.size >= bootstrapChats)) continue;
    counts.set(message.chat, count + 1);
    latest.add(message);
  }
  return latest;
}

/** One chunk at least, which says that there is no more. */
function inChunks(
  world: World,
  account: Account,
  syncType: proto.HistorySync.HistorySyncType,
  messages: readonly RememberedMessage[],
): proto.IHistorySync[] {
  const count = Math.max(1, Math.ceil(messages.length / chunkSize));
  return Array.from({ length: count }, (_, index) => ({
    syncType,
    chunkOrder: index + 1,
    progress: Math.floor(((index + 1) / count) * 100),
    conversations: conversationsOf(
      world,
      account,
      messages.slice(index * chunkSize, (index + 1) * chunkSize),
    ),
  }));
}

function conversationsOf(
  world: World,
  account: Account,
  messages: readonly RememberedMessage[],
): proto.IConversation[] {
  return [...Map.groupBy(messages, ({ chat }) => chat)].map(([chat, ofChat]) => ({
    id: jidOfChat(world, chat),
    name: world.accounts.get(chat)?.profile.name ?? world.groups.get(chat)?.subject ?? null,
    messages: ofChat.flatMap((one) => {
      const message = webMessage(world, account, one);
      return message ? [{ message }] : [];
    }),
  }));
}
