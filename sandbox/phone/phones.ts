import { proto } from '@whiskeysockets/baileys';
import { bundleNodes } from '../server/encrypt-requests.ts';
import type { Enc, Envelope, ReceiptNote } from '../server/envelope.ts';
import type { Exchange, PhoneSide } from '../server/exchange.ts';
import { issueBundle } from '../signal/key-material.ts';
import type { ReceiptKind } from '../verbs.ts';
import { bigEndian, nowSeconds, type Stanza, stanza } from '../wire/stanza.ts';
import type { Account } from '../world/account.ts';
import { RecentMap } from '../world/recent-map.ts';
import { answerMediaRequest } from './answer-media-request.ts';
import { answerPeer } from './answer-peer.ts';
import type { MediaHost } from './compose.ts';
import { openEnvelope } from './open-envelope.ts';
import { readSealed } from './open-sealed.ts';
import { readMessage } from './read-message.ts';
import { resendMessage } from './resend-message.ts';
import { sendContent } from './send-content.ts';

type Waiting = { envelope: Envelope; direct: Enc | undefined };

const maxRetries = 5;

/** All virtual phones: they decrypt what arrives, and do with it what their owners are used to. */
export class Phones implements PhoneSide {
  readonly #exchange: Exchange;
  readonly #host: MediaHost;
  readonly #log: (line: string) => void;
  readonly #waiting = new Map<Account, Waiting[]>();
  readonly #retries = new RecentMap<number>(5000);

  constructor(exchange: Exchange, host: MediaHost, log: (line: string) => void) {
    this.#exchange = exchange;
    this.#host = host;
    this.#log = log;
  }

  /** Puts the message before the phone; it looks at it in the next turn, or once it is switched on. */
  accept(account: Account, envelope: Envelope, direct: Enc | undefined): void {
    const waiting = this.#waiting.get(account) ?? [];
    waiting.push({ envelope, direct });
    this.#waiting.set(account, waiting);
    if (waiting.length === 1) this.wake(account);
  }

  /** Lets the phone look at what waits for it. */
  wake(account: Account): void {
    setImmediate(() => this.#work(account));
  }

  receipt(account: Account, note: ReceiptNote): void {
    for (const id of note.ids) {
      const sent = account.sent.get(id);
      if (!sent) continue;
      const entry = {
        id,
        from: note.from.account.number,
        device: note.from.device,
        kind: kindOf(note.type),
        type: note.type,
        group: note.group?.id ?? null,
        timestamp: note.timestamp,
      };
      account.receipts.append(entry, this.#exchange.world.settings.inboxLimit);
      if (note.type !== 'retry') continue;
      account.counters.retriesReceived += 1;
      try {
        resendMessage(this.#exchange, account, note, id, sent);
      } catch (error) {
        this.#log(`${account.number}: could not send ${id} again: ${String(error)}`);
      }
    }
  }

  /** A linked device cannot get a file any more, and asks its phone for it. */
  mediaRequest(account: Account, device: number, node: Stanza): void {
    if (account.profile.delivers)
      setImmediate(() => answerMediaRequest(this.#exchange, account, { device, node, host: this.#host }));
  }

  /** Lets every phone that is on read what it has been given, at once: the sandbox is closing. */
  finish(): void {
    for (const [account, waiting] of this.#waiting)
      while (account.profile.delivers && waiting.length > 0) this.#work(account);
  }

  /** Forgets what waits, for the world begins anew. */
  clear(): void {
    this.#waiting.clear();
  }

  #work(account: Account): void {
    const waiting = this.#waiting.get(account);
    if (!waiting?.length || !account.profile.delivers) return;
    const batch = waiting.splice(0, 50);
    for (const { envelope, direct } of batch) this.#take(account, envelope, direct);
    this.#exchange.world.touch(account);
    if (waiting.length > 0) this.wake(account);
  }

  #take(account: Account, envelope: Envelope, direct: Enc | undefined): void {
    try {
      this.#read(account, envelope, direct);
    } catch (error) {
      account.counters.decryptionFailures += 1;
      this.#log(`${account.number}: could not decrypt ${envelope.id}: ${String(error)}`);
      this.#askAgain(account, envelope);
    }
  }

  #read(account: Account, envelope: Envelope, direct: Enc | undefined): void {
    const { message, copyOf } = openEnvelope(account, envelope, direct);
    account.counters.messagesDecrypted += 1;
    const { id, sender } = envelope;
    const name = `${sender.account.number}|${id}`;
    const repeated = account.seen.has(name);
    if (repeated) account.counters.duplicates += 1;
    account.seen.set(name, true);
    if (copyOf === null && !envelope.category) this.#receipt(account, envelope, null);
    if (!message || repeated) return;
    if (envelope.category === 'peer') {
      if (sender.account === account)
        answerPeer(this.#exchange, account, { device: sender.device, id, message, host: this.#host });
      return;
    }
    const chat = chatName(account, envelope);
    this.#keep(account, envelope, chat, message);
    const about = { chat, author: sender.account, message, store: this.#host.store };
    const read = readSealed(this.#exchange.world, account, about) ?? readMessage(message, this.#host.store);
    if (!read) return;
    const stanza = envelope.edit === null ? {} : { details: { ...read.details, edit: envelope.edit } };
    const entry = {
      ...read,
      ...stanza,
      id,
      from: sender.account.number,
      fromMe: copyOf !== null,
      timestamp: envelope.timestamp,
      chat,
      viaDevice: sender.device,
      addressing: envelope.addressing,
    };
    account.inbox.append(entry, this.#exchange.world.settings.inboxLimit);
    if (copyOf !== null) return;
    if (account.profile.reads) this.#receipt(account, envelope, 'read');
    this.#reply(account, envelope, read.text ?? read.caption ?? '');
  }

  #keep(account: Account, envelope: Envelope, chat: string, message: proto.IMessage): void {
    const { id, timestamp, sender } = envelope;
    const content = Buffer.from(proto.Message.encode(message).finish());
    account.remember({ id, chat, from: sender.account.number, timestamp, content });
    const { type, ephemeralExpiration } = message.protocolMessage ?? {};
    if (type === proto.Message.ProtocolMessage.Type.EPHEMERAL_SETTING)
      account.timers.set(chat, ephemeralExpiration ?? 0);
  }

  #reply(account: Account, envelope: Envelope, text: string): void {
    const { replies } = account.profile;
    // Two people who both answer would never stop.
    if (replies === null || envelope.sender.account.profile.replies !== null || envelope.type === 'reaction')
      return;
    const chat =
      envelope.chat.kind === 'group'
        ? envelope.chat
        : { kind: 'person' as const, account: envelope.sender.account };
    const content = { conversation: replies === 'echo' ? text || 'received' : replies };
    setImmediate(() => sendContent(this.#exchange, account, chat, { content, type: 'text' }));
  }

  #receipt(account: Account, envelope: Envelope, type: string | null, content: Stanza[] = []): void {
    this.#exchange.receipt({
      ids: [envelope.id],
      from: { account, device: 0 },
      to: envelope.sender.account,
      toDevice: type === 'retry' ? envelope.sender.device : null,
      group: envelope.chat.kind === 'group' ? envelope.chat.group : null,
      addressing: envelope.addressing,
      type,
      timestamp: nowSeconds(),
      content,
    });
  }

  /** Asks the sending device to encrypt the message again; from the second time on with fresh keys. */
  #askAgain(account: Account, envelope: Envelope): void {
    const name = `${account.number}|${envelope.sender.account.number}|${envelope.id}`;
    const count = (this.#retries.get(name) ?? 0) + 1;
    this.#retries.set(name, count);
    if (count > maxRetries) return;
    account.counters.retriesSent += 1;
    const retry = { count, id: envelope.id, t: envelope.timestamp, v: '1', error: '0' };
    const registration = stanza('registration', {}, bigEndian(account.keys.registrationId, 4));
    const content = [stanza('retry', retry), registration];
    if (count > 1) {
      const [, ...keys] = bundleNodes(issueBundle(account.keys));
      content.push(stanza('keys', {}, keys));
    }
    this.#receipt(account, envelope, 'retry', content);
  }
}

function chatName(account: Account, { chat, sender }: Envelope): string {
  if (chat.kind === 'group') return chat.group.id;
  if (sender.account !== account) return sender.account.number;
  return chat.kind === 'person' ? chat.account.number : chat.id;
}

function kindOf(type: string | null): ReceiptKind {
  switch (type) {
    case null:
    case 'inactive':
      return 'delivered';
    case 'read':
    case 'played':
    case 'retry':
    case 'sender':
      return type;
    default:
      return 'other';
  }
}
