import { randomInt } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import type { Chat, DeviceRef, Enc, Envelope } from '../server/envelope.ts';
import type { Exchange } from '../server/exchange.ts';
import { type Ciphertext, encryptFor, hasSession, openSession } from '../signal/key-material.ts';
import { distributeSenderKey, encryptForGroup, senderKeyName } from '../signal/sender-key.ts';
import { nowSeconds } from '../wire/stanza.ts';
import { type Account, deviceKey } from '../world/account.ts';
import type { Group } from '../world/group.ts';

export type Content = {
  content: proto.IMessage;
  /** The stanza's word: `text`, `media`, `reaction`. */
  type: string;
  mediatype?: string;
  id?: string;
  edit?: string;
  newSession?: boolean;
  late?: boolean;
};

/** Sends from an account's phone to all devices of the chat and its own; gives the message's id. */
export function sendContent(exchange: Exchange, account: Account, chat: Chat, given: Content): string {
  const id = given.id ?? nextMessageId(exchange, account);
  const chatJid =
    chat.kind === 'group' ? chat.group.id : chat.account.jid(exchange.world.settings.addressing);
  const encoded = Buffer.from(proto.Message.encode(given.content).finish());
  const { type, edit } = given;
  account.sent.set(id, { content: encoded, chat: chatJid, type, ...(edit ? { edit } : {}) });
  const attrs: Record<string, string> = given.mediatype ? { mediatype: given.mediatype } : {};
  const envelope: Envelope = {
    ...emptyEnvelope(account, chat, id, exchange),
    type,
    edit: edit ?? null,
  };
  if (chat.kind === 'group') encryptGroup(exchange, account, envelope, encoded, attrs);
  else {
    if (given.newSession) beginSessions(exchange, account, chat.account);
    encryptPersonal(exchange, account, envelope, encoded, attrs, chatJid);
  }
  exchange.world.touch(account);
  if (given.late) exchange.holdBack(envelope);
  else exchange.deliver(envelope);
  return id;
}

function beginSessions(exchange: Exchange, account: Account, other: Account): void {
  for (const device of other.deviceIds()) {
    const bundle = exchange.bundleFor({ account: other, device });
    if (bundle) openSession(account.keys, deviceKey(other.number, device), bundle);
  }
}

/** Encrypts for one device, with a new session where there is none; null when the device is gone. */
export function encryptForDevice(
  exchange: Exchange,
  account: Account,
  target: DeviceRef,
  plaintext: Uint8Array,
): Ciphertext | null {
  const key = deviceKey(target.account.number, target.device);
  if (!hasSession(account.keys, key)) {
    const bundle = exchange.bundleFor(target);
    if (!bundle) return null;
    openSession(account.keys, key, bundle);
  }
  return encryptFor(account.keys, key, pad(plaintext));
}

export function emptyEnvelope(account: Account, chat: Chat, id: string, exchange: Exchange): Envelope {
  return {
    id,
    timestamp: nowSeconds(),
    sender: { account, device: 0 },
    chat,
    type: 'text',
    addressing: exchange.world.settings.addressing,
    direct: new Map(),
    group: null,
    deviceIdentity: null,
    category: null,
    edit: null,
  };
}

/** The copy for the account's own devices, which tells them where the message went. */
export function ownCopy(destinationJid: string, encoded: Uint8Array): Uint8Array {
  const message = proto.Message.decode(encoded);
  return proto.Message.encode({ deviceSentMessage: { destinationJid, message } }).finish();
}

function encryptPersonal(
  exchange: Exchange,
  account: Account,
  envelope: Envelope,
  encoded: Buffer,
  attrs: Record<string, string>,
  chatJid: string,
): void {
  if (envelope.chat.kind !== 'person') return;
  const other = envelope.chat.account;
  const targets = other === account ? [] : other.deviceIds().map((device) => ({ account: other, device }));
  for (const target of targets) add(exchange, account, envelope, target, encoded, attrs);
  if (account.companions.size === 0) return;
  const copy = ownCopy(chatJid, encoded);
  for (const device of account.companions.keys())
    add(exchange, account, envelope, { account, device }, copy, attrs);
}

function encryptGroup(
  exchange: Exchange,
  account: Account,
  envelope: Envelope,
  encoded: Buffer,
  attrs: Record<string, string>,
): void {
  if (envelope.chat.kind !== 'group') return;
  const { group } = envelope.chat;
  const name = senderKeyName(group.id, deviceKey(account.number, 0));
  const members = [...group.participants.keys()].flatMap(
    (number) => exchange.world.accounts.get(number) ?? [],
  );
  const devices = members.flatMap((member) =>
    member.deviceIds().map((device) => ({ account: member, device })),
  );
  const newcomers = devices.filter(
    (one) => !(one.account === account && one.device === 0) && takesKey(account, group, one),
  );
  if (newcomers.length > 0) {
    const distribution = proto.Message.encode({
      senderKeyDistributionMessage: {
        groupId: group.id,
        axolotlSenderKeyDistributionMessage: distributeSenderKey(account.keys, name),
      },
    }).finish();
    for (const target of newcomers) add(exchange, account, envelope, target, distribution, {});
  }
  envelope.group = { type: 'skmsg', body: encryptForGroup(account.keys, name, pad(encoded)), attrs };
}

/** True when the device has not been given our group key; it is counted as a holder from now on. */
function takesKey(account: Account, group: Group, { account: member, device }: DeviceRef): boolean {
  const holders = account.keyHolders.get(group.id) ?? new Set();
  account.keyHolders.set(group.id, holders);
  const key = deviceKey(member.number, device);
  if (holders.has(key)) return false;
  holders.add(key);
  return true;
}

function add(
  exchange: Exchange,
  account: Account,
  envelope: Envelope,
  target: DeviceRef,
  plaintext: Uint8Array,
  attrs: Record<string, string>,
): void {
  const encrypted = encryptForDevice(exchange, account, target, plaintext);
  const enc: Enc | null = encrypted && { ...encrypted, attrs };
  if (enc) envelope.direct.set(deviceKey(target.account.number, target.device), enc);
}

/** Phones' ids begin with 3A; repeatable with the sandbox's seed. */
function nextMessageId(exchange: Exchange, account: Account): string {
  account.sentCount += 1;
  const hash = exchange.world.derive('message', account.number, account.sentCount);
  return `3A${hash.toString('hex').slice(0, 18).toUpperCase()}`;
}

function pad(plaintext: Uint8Array): Buffer {
  const length = randomInt(1, 17);
  return Buffer.concat([plaintext, Buffer.alloc(length, length)]);
}
