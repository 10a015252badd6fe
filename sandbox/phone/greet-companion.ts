import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { proto } from '@whiskeysockets/baileys';
import type { Envelope } from '../server/envelope.ts';
import type { Exchange } from '../server/exchange.ts';
import { nowSeconds } from '../wire/stanza.ts';
import { type Account, deviceKey } from '../world/account.ts';
import type { Companion } from '../world/companion.ts';
import { emptyEnvelope, encryptForDevice } from './send-content.ts';

/**
 * What a phone sends its newly linked device, once: a key for the app state, then its history.
 * Without the history Baileys holds its events back for 20 seconds (chats.js, AwaitingInitialSync).
 */
export function greetCompanion(exchange: Exchange, account: Account, companion: Companion): void {
  if (companion.historySent) return;
  companion.historySent = true;
  exchange.world.touch(account);
  const { Type } = proto.Message.ProtocolMessage;
  sendPeer(exchange, account, companion, {
    type: Type.APP_STATE_SYNC_KEY_SHARE,
    appStateSyncKeyShare: { keys: [appStateKey()] },
  });
  if (!exchange.world.settings.historySync) return;
  for (const history of histories(exchange, account))
    sendPeer(exchange, account, companion, {
      type: Type.HISTORY_SYNC_NOTIFICATION,
      historySyncNotification: {
        syncType: history.syncType,
        chunkOrder: 1,
        progress: 100,
        initialHistBootstrapInlinePayload: deflateSync(proto.HistorySync.encode(history).finish()),
      },
    });
}

function sendPeer(
  exchange: Exchange,
  account: Account,
  companion: Companion,
  protocolMessage: proto.Message.IProtocolMessage,
): void {
  const plaintext = proto.Message.encode({ protocolMessage }).finish();
  const target = { account, device: companion.id };
  const encrypted = encryptForDevice(exchange, account, target, plaintext);
  if (!encrypted) return;
  account.sentCount += 1;
  const id = `3A${randomBytes(9).toString('hex').toUpperCase()}`;
  const envelope: Envelope = {
    ...emptyEnvelope(account, { kind: 'person', account }, id, exchange),
    category: 'peer',
  };
  envelope.direct.set(deviceKey(account.number, companion.id), { ...encrypted, attrs: {} });
  exchange.deliver(envelope);
}

function appStateKey(): proto.Message.IAppStateSyncKey {
  return {
    keyId: { keyId: randomBytes(6) },
    keyData: {
      keyData: randomBytes(32),
      fingerprint: { rawId: 1, currentIndex: 0, deviceIndexes: [0] },
      timestamp: nowSeconds() * 1000,
    },
  };
}

const historyChats = 50;
const messagesPerChat = 20;

function histories(exchange: Exchange, account: Account): proto.IHistorySync[] {
  const { HistorySyncType } = proto.HistorySync;
  const chats = recentChats(account);
  const people = [...chats.keys()].flatMap((chat) => exchange.world.accounts.get(chat) ?? []);
  const phoneNumberToLidMappings = people.map((one) => ({ pnJid: one.jid('pn'), lidJid: one.jid('lid') }));
  const pushnames = people.map((one) => ({ id: one.jid('pn'), pushname: one.profile.name }));
  const conversations = [...chats].map(([chat, messages]) => {
    const person = exchange.world.accounts.get(chat);
    const id = person ? person.jid(exchange.world.settings.addressing) : chat;
    return {
      id,
      name: person?.profile.name ?? null,
      messages: messages.map((message) => ({ message: webMessage(id, message) })),
    };
  });
  return [
    { syncType: HistorySyncType.INITIAL_BOOTSTRAP, progress: 100, conversations, phoneNumberToLidMappings },
    { syncType: HistorySyncType.PUSH_NAME, pushnames },
    { syncType: HistorySyncType.RECENT, progress: 100, conversations: [] },
  ];
}

type PastMessage = { id: string; fromMe: boolean; text: string; timestamp: number };

function recentChats(account: Account): Map<string, PastMessage[]> {
  const chats = new Map<string, PastMessage[]>();
  for (const { id, fromMe, text, timestamp, chat } of account.inbox.entries) {
    const messages = chats.get(chat) ?? [];
    chats.delete(chat);
    chats.set(chat, [...messages, { id, fromMe, text: text ?? '', timestamp }].slice(-messagesPerChat));
  }
  return new Map([...chats].slice(-historyChats));
}

function webMessage(remoteJid: string, message: PastMessage): proto.IWebMessageInfo {
  return {
    key: { remoteJid, id: message.id, fromMe: message.fromMe },
    message: { conversation: message.text },
    messageTimestamp: message.timestamp,
  };
}
