import type { PreKeyBundle } from '../signal/key-agreement.ts';
import { issueBundle } from '../signal/key-material.ts';
import { type Addressing, serverAddress } from '../wire/jid.ts';
import { nowSeconds, type Stanza, stanza } from '../wire/stanza.ts';
import type { WaConnection } from '../wire/wa-connection.ts';
import { type Account, deviceKey } from '../world/account.ts';
import { type Companion, queueKey, takeBundle } from '../world/companion.ts';
import { RecentMap } from '../world/recent-map.ts';
import type { World } from '../world/world.ts';
import type { DeviceRef, Enc, Envelope, ReceiptNote } from './envelope.ts';
import { messageStanza, receiptStanza } from './message-stanza.ts';

export type PhoneSide = {
  accept(account: Account, envelope: Envelope, direct: Enc | undefined): void;
  receipt(account: Account, note: ReceiptNote): void;
  mediaRequest(account: Account, device: number, node: Stanza): void;
};

/** WhatsApp notifies a client when fewer one-time keys than this are left. */
const preKeysLowBelow = 10;

/** Routes messages and receipts between phones and linked devices, and keeps what waits for them. */
export class Exchange {
  readonly world: World;
  readonly online = new Map<string, WaConnection>();
  /** How senders named their chats, so that receipts come back in the same form. */
  readonly #sentAs = new RecentMap<Addressing>(20_000);
  #phones: PhoneSide = { accept: () => {}, receipt: () => {}, mediaRequest: () => {} };
  #notificationCount = 0;
  #late: Envelope[] = [];

  constructor(world: World) {
    this.world = world;
  }

  attachPhones(phones: PhoneSide): void {
    this.#phones = phones;
  }

  /** Until the next message of its sender has been delivered. */
  holdBack(envelope: Envelope): void {
    this.#late.push(envelope);
  }

  deliver(envelope: Envelope): void {
    this.#deliverNow(envelope);
    const isDue = ({ sender }: Envelope) => sender.account === envelope.sender.account;
    const due = this.#late.filter(isDue);
    this.#late = this.#late.filter((each) => !isDue(each));
    for (const each of due) this.#deliverNow(each);
  }

  #deliverNow(envelope: Envelope): void {
    this.#sentAs.set(envelope.id, envelope.addressing);
    const targets = envelope.chat.kind === 'group' && envelope.group ? this.#members(envelope) : [];
    const known = new Set(targets.map((one) => deviceKey(one.account.number, one.device)));
    // In LID groups rc14 encrypts for its own device too; nobody gets a message from himself.
    known.add(deviceKey(envelope.sender.account.number, envelope.sender.device));
    for (const key of envelope.direct.keys()) {
      const target = known.has(key) ? null : this.#device(key);
      if (target) targets.push(target);
    }
    for (const { account, device } of targets) {
      const direct = envelope.direct.get(deviceKey(account.number, device));
      const companion = account.companions.get(device);
      if (device === 0) this.#phones.accept(account, envelope, direct);
      else if (companion)
        this.push(account, companion, messageStanza(envelope, account, direct, this.world.settings));
    }
  }

  /** A linked device's question to its own phone for a file that the media host has forgotten. */
  askForMedia(account: Account, companion: Companion, node: Stanza): void {
    this.#phones.mediaRequest(account, companion.id, node);
  }

  receipt(note: ReceiptNote): void {
    const devices = note.toDevice === null ? note.to.deviceIds() : [note.toDevice];
    const addressing = this.#sentAs.get(note.ids[0] ?? '') ?? note.addressing;
    for (const device of devices) {
      const companion = note.to.companions.get(device);
      if (device === 0) this.#phones.receipt(note.to, note);
      else if (companion) this.push(note.to, companion, receiptStanza({ ...note, addressing }));
    }
  }

  /** Gives the stanza to the device now or at its next login, until it is acknowledged. */
  push(account: Account, companion: Companion, node: Stanza): void {
    const key = queueKey(node.tag, node.attrs['id'] ?? '', keySource(node));
    companion.queue.delete(key);
    const queued = { node, attempts: 0 };
    companion.queue.set(key, queued);
    this.world.touch(account);
    const connection = this.online.get(deviceKey(account.number, companion.id));
    if (!connection?.open) return;
    queued.attempts += 1;
    connection.send(node);
  }

  /** What waits for the device, in order, marked as offline traffic. */
  flush(connection: WaConnection, account: Account, companion: Companion): void {
    let position = 0;
    for (const queued of companion.queue.values()) {
      position += 1;
      if (queued.attempts > 0) account.counters.redeliveries += 1;
      queued.attempts += 1;
      const { node } = queued;
      connection.send({ ...node, attrs: { ...node.attrs, offline: String(position) } });
    }
  }

  acknowledge(account: Account, companion: Companion, key: string): void {
    if (companion.queue.delete(key)) this.world.touch(account);
  }

  notify(account: Account, companion: Companion, type: string, from: string, content: Stanza[]): void {
    const id = this.nextId();
    this.push(account, companion, stanza('notification', { id, type, from, t: nowSeconds() }, content));
  }

  nextId(): string {
    return `${process.pid % 10_000}.${Date.now() % 1_000_000}-${++this.#notificationCount}`;
  }

  /** Keys for a first message to this device; one-time keys leave the server with it. */
  bundleFor({ account, device }: DeviceRef): PreKeyBundle | null {
    if (device === 0) return account.profile.exists ? issueBundle(account.keys) : null;
    const companion = account.companions.get(device);
    if (!companion) return null;
    const bundle = takeBundle(companion);
    this.world.touch(account);
    if (companion.preKeys.size < preKeysLowBelow) this.notifyPreKeyCount(account, companion);
    return bundle;
  }

  notifyPreKeyCount(account: Account, companion: Companion): void {
    const count = stanza('count', { value: companion.preKeys.size });
    this.notify(account, companion, 'encrypt', serverAddress, [count]);
  }

  #members(envelope: Envelope): DeviceRef[] {
    if (envelope.chat.kind !== 'group') return [];
    const { sender } = envelope;
    const members: DeviceRef[] = [];
    for (const number of envelope.chat.group.participants.keys()) {
      const account = this.world.accounts.get(number);
      for (const device of account?.deviceIds() ?? [])
        if (account && !(account === sender.account && device === sender.device))
          members.push({ account, device });
    }
    return members;
  }

  #device(key: string): DeviceRef | null {
    const [number = '', device = '0'] = key.split('.');
    const account = this.world.accounts.get(number);
    return account ? { account, device: Number(device) } : null;
  }
}

function keySource(node: Stanza): string {
  const { from = '', type = '', participant = '' } = node.attrs;
  return `${from}|${type}|${participant}`;
}
