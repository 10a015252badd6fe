import { createKeyMaterial, type KeyMaterial } from '../signal/key-material.ts';
import type { AccountCounters, InboxMessage, SeenPresence, SeenReceipt } from '../verbs.ts';
import { type Addressing, formatJid, serverJid } from '../wire/jid.ts';
import type { Companion } from './companion.ts';
import { RecentMap } from './recent-map.ts';
import { WaitableLog } from './waitable-log.ts';

export type AccountProfile = {
  number: string;
  lid: string;
  name: string;
  exists: boolean;
  delivers: boolean;
  reads: boolean;
  replies: string | null;
  username: string | null;
  business: string | null;
};

/** A message this phone sent, kept so that it can be encrypted again for a device that asks. */
export type SentMessage = { content: Buffer; chat: string; type: string; edit?: string };

/** A message as this phone has it, whoever wrote it. */
export type RememberedMessage = {
  id: string;
  /** The other person's number, or the JID of a group. */
  chat: string;
  /** Number of the person who wrote it. */
  from: string;
  /** Unix seconds. */
  timestamp: number;
  content: Buffer;
};

export type AccountState = {
  profile: AccountProfile;
  keys: KeyMaterial;
  companions: Map<number, Companion>;
  nextDevice: number;
  nextKeyIndex: number;
  sentCount: number;
  sent: Map<string, SentMessage>;
  inbox: { entries: InboxMessage[]; lastSeq: number };
  seen: Map<string, true>;
  watchers: Map<string, Set<Addressing>>;
  keyHolders: Map<string, Set<string>>;
  /** Absent in folders of earlier releases, as is the next. */
  remembered?: Map<string, RememberedMessage>;
  timers?: Map<string, number>;
};

const rememberedMessages = 10_000;
const rememberedSent = 1000;
const rememberedIds = 10_000;
/** Of messages, this many are kept on disk: the whole account is written with each change. */
const storedEntries = 200;

/** A person: the phone's keys and memory, the linked devices, and what was counted. */
export class Account {
  readonly profile: AccountProfile;
  readonly keys: KeyMaterial;
  readonly companions: Map<number, Companion>;
  readonly inbox = new WaitableLog<InboxMessage>();
  readonly receipts = new WaitableLog<SeenReceipt>();
  readonly presences = new WaitableLog<SeenPresence>();
  /** Per group, the devices that have been given this phone's group key. */
  readonly keyHolders: Map<string, Set<string>>;
  readonly sent = new RecentMap<SentMessage>(rememberedSent);
  /** Ids of messages decrypted, by which a repeated one is known. */
  readonly seen = new RecentMap<true>(rememberedIds);
  /** Linked devices that asked for this account's device list, with the form of address they used. */
  readonly watchers: Map<string, Set<Addressing>>;
  /** Of each message: a device linked later gets it as history, and a change of it is opened with its secret. */
  readonly remembered = new RecentMap<RememberedMessage>(rememberedMessages);
  /** Disappearing messages, by the other person's number, in seconds. */
  readonly timers: Map<string, number>;
  readonly counters: AccountCounters = emptyCounters();
  nextDevice: number;
  nextKeyIndex: number;
  sentCount: number;

  constructor(profile: AccountProfile, stored?: AccountState) {
    this.profile = profile;
    this.keys = stored?.keys ?? createKeyMaterial();
    this.companions = stored?.companions ?? new Map();
    this.watchers = stored?.watchers ?? new Map();
    this.keyHolders = stored?.keyHolders ?? new Map();
    this.timers = stored?.timers ?? new Map();
    this.nextDevice = stored?.nextDevice ?? 1;
    this.nextKeyIndex = stored?.nextKeyIndex ?? 1;
    this.sentCount = stored?.sentCount ?? 0;
    if (!stored) return;
    this.sent.restore(stored.sent);
    this.seen.restore(stored.seen);
    this.remembered.restore(stored.remembered ?? new Map());
    this.inbox.restore(stored.inbox.entries, stored.inbox.lastSeq);
  }

  get number(): string {
    return this.profile.number;
  }

  jid(addressing: Addressing, device = 0): string {
    return addressing === 'lid'
      ? formatJid(this.profile.lid, device, 'lid')
      : formatJid(this.profile.number, device, serverJid);
  }

  /** Keeps a message as it stands on this phone. */
  remember(message: RememberedMessage): void {
    this.remembered.set(`${message.chat}|${message.id}`, message);
  }

  recall(chat: string, id: string): RememberedMessage | undefined {
    return this.remembered.get(`${chat}|${id}`);
  }

  /** All devices, the phone (0) first. */
  deviceIds(): number[] {
    return [0, ...this.companions.keys()];
  }

  state(): AccountState {
    return {
      profile: this.profile,
      keys: this.keys,
      companions: this.companions,
      nextDevice: this.nextDevice,
      nextKeyIndex: this.nextKeyIndex,
      sentCount: this.sentCount,
      sent: this.sent.latest(storedEntries),
      inbox: { entries: this.inbox.entries.slice(-storedEntries), lastSeq: this.inbox.lastSeq },
      seen: this.seen.latest(storedEntries),
      watchers: this.watchers,
      keyHolders: this.keyHolders,
      remembered: this.remembered.latest(storedEntries),
      timers: this.timers,
    };
  }
}

/** Names a device in maps, and is its Signal address in every virtual phone's store. */
export function deviceKey(number: string, device: number): string {
  return `${number}.${device}`;
}

function emptyCounters(): AccountCounters {
  return {
    stanzasIn: 0,
    stanzasOut: 0,
    logins: 0,
    replaced: 0,
    messagesAccepted: 0,
    messagesRefused: 0,
    messagesDecrypted: 0,
    decryptionFailures: 0,
    duplicates: 0,
    retriesSent: 0,
    retriesReceived: 0,
    redeliveries: 0,
    acks: 0,
    nacks: 0,
    staleDeviceLists: 0,
    unknownRequests: 0,
    oneTimePreKeys: 0,
  };
}
