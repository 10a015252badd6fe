import { randomBytes, randomInt } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import type { Chat, DeviceRef, Enc, Envelope } from '../server/envelope.ts';
import type { Exchange } from '../server/exchange.ts';
import { type Ciphertext, encryptFor, hasSession, openSession } from '../signal/key-material.ts';
import { distributeSenderKey, encryptForGroup, senderKeyName } from '../signal/sender-key.ts';
import type { Addressing } from '../wire/jid.ts';
import { nowSeconds } from '../wire/stanza.ts';
import { type Account, deviceKey } from '../world/account.ts';
import type { Group } from '../world/group.ts';

export type Content = {
  content: proto.IMessage;
  /** The bytes to send in its place, which need not be a message. */
  asIs?: Uint8Array;
  /** The stanza's word: `text`, `media`, `reaction`. */
  type: string;
  mediatype?: string;
  id?: string;
  edit?: string;
  newSession?: boolean;
  late?: boolean;
  withheld?: Envelope['withheld'];
  onlyLid?: boolean;
};

/** Sends from an account's phone to all devices of the chat and its own; gives the message's id. */
export function sendContent(exchange: Exchange, account: Account, chat: Chat, given: Content): string {
  const id = given.id ?? nextMessageId(exchange, account);
  const chatJid = jidOf(chat, exchange.world.settings.addressing);
  const encoded = Buffer.from(given.asIs ?? encodeContent(given.content, timerOf(account, chat)));
  const { type, edit } = given;
  account.sent.set(id, { content: encoded, chat: chatJid, type, ...(edit ? { edit } : {}) });
  account.remember({
    id,
    chat: chat.kind === 'person' ? chat.account.number : chatJid,
    from: account.number,
    timestamp: nowSeconds(),
    content: encoded,
  });
  const attrs: Record<string, string> = given.mediatype ? { mediatype: given.mediatype } : {};
  const envelope: Envelope = {
    ...emptyEnvelope(account, chat, id, exchange),
    type,
    edit: edit ?? null,
    withheld: given.withheld ?? null,
    onlyLid: given.onlyLid ?? false,
  };
  if (chat.kind === 'group') encryptGroup(exchange, account, envelope, encoded, attrs);
  else {
    if (given.newSession) for (const other of receiversOf(chat)) beginSessions(exchange, account, other);
    encryptPersonal(exchange, account, envelope, encoded, attrs, chatJid);
  }
  exchange.world.touch(account);
  if (given.late) exchange.holdBack(envelope);
  else exchange.deliver(envelope);
  return id;
}

function jidOf(chat: Chat, addressing: Addressing): string {
  if (chat.kind === 'person') return chat.account.jid(addressing);
  return chat.kind === 'group' ? chat.group.id : chat.id;
}

/** Those outside a group, each of whose devices gets a ciphertext of its own. */
function receiversOf(chat: Exclude<Chat, { kind: 'group' }>): Account[] {
  return chat.kind === 'person' ? [chat.account] : chat.recipients;
}

function timerOf(account: Account, chat: Chat): number {
  if (chat.kind === 'group') return chat.group.ephemeralSeconds;
  return chat.kind === 'person' ? (account.timers.get(chat.account.number) ?? 0) : 0;
}

/** Kinds that no change is ever sealed for. */
const withoutSecret = ['protocolMessage', 'reactionMessage', 'secretEncryptedMessage', 'pollUpdateMessage'];

/** As phones of today write it: with a secret for what may be said about it, and with its chat's timer. */
function encodeContent(content: proto.IMessage, expiration: number): Uint8Array {
  const timed = expiration > 0 ? withTimer(content, expiration) : content;
  if (withoutSecret.some((key) => key in content)) return proto.Message.encode(timed).finish();
  const messageContextInfo = { messageSecret: randomBytes(32), ...timed.messageContextInfo };
  return proto.Message.encode({ ...timed, messageContextInfo }).finish();
}

function withTimer(content: proto.IMessage, expiration: number): proto.IMessage {
  if (content.conversation)
    return { extendedTextMessage: { text: content.conversation, contextInfo: { expiration } } };
  const [entry] = Object.entries(content);
  if (entry === undefined) return content;
  const [kind, body] = entry;
  if (withoutSecret.includes(kind) || typeof body !== 'object') return content;
  const { contextInfo } = body as { contextInfo?: proto.IContextInfo };
  return { ...content, [kind]: { ...body, contextInfo: { ...contextInfo, expiration } } };
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
    withheld: null,
    onlyLid: false,
  };
}

/** `deviceSentMessage` in Message, and `message` in that, each with wire type 2. */
const copyTag = Buffer.from([0xfa, 0x01]);
const messageTag = Buffer.from([0x12]);

/**
 * The copy for the account's own devices, which tells them where the message went. Written by hand, since what is
 * copied need not be a message.
 */
export function ownCopy(destinationJid: string, encoded: Uint8Array): Uint8Array {
  const destination = proto.Message.DeviceSentMessage.encode({ destinationJid }).finish();
  const copy = Buffer.concat([destination, messageTag, varint(encoded.length), encoded]);
  return Buffer.concat([copyTag, varint(copy.length), copy]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

function encryptPersonal(
  exchange: Exchange,
  account: Account,
  envelope: Envelope,
  encoded: Buffer,
  attrs: Record<string, string>,
  chatJid: string,
): void {
  if (envelope.chat.kind === 'group') return;
  const others = receiversOf(envelope.chat).filter((other) => other !== account);
  const targets = others.flatMap((other) => other.deviceIds().map((device) => ({ account: other, device })));
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
