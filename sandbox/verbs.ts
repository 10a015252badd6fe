import type { StanzaJson } from './wire/stanza.ts';

/**
 * What the sandbox can do, the same in the library, over HTTP and in the client. Numbers are phone
 * numbers in any usual spelling; times are milliseconds unless the name says otherwise.
 */
export interface SandboxVerbs {
  listAccounts(): Promise<AccountView[]>;
  /** A person with a phone that can scan QR codes. Adding a known number changes what is given. */
  addAccount(account: NewAccount): Promise<AccountView>;
  /** A person with habits: delivers and reads by default, answers when asked to. */
  addContact(contact: NewContact): Promise<AccountView>;
  /** The phone scans. `rescan`: the secret was retired, show the phone the new QR (flow of 2026). */
  scan(number: string, qr: string): Promise<ScanResult>;
  enterCode(number: string, code: string): Promise<ScanResult>;
  unlink(number: string, device?: number): Promise<{ unlinked: number[] }>;
  send(number: string, message: OutgoingMessage): Promise<SentMessages>;
  inbox(number: string, query?: InboxQuery): Promise<InboxPage>;
  receipts(number: string, query?: ReceiptQuery): Promise<ReceiptPage>;
  /** What this phone was shown of others: typing in its chats, online or not. */
  presences(number: string, query?: PresenceQuery): Promise<PresencePage>;
  devices(number: string): Promise<DeviceView[]>;
  connections(): Promise<ConnectionView[]>;
  counters(): Promise<Record<string, AccountCounters>>;
  addFault(fault: FaultRequest): Promise<FaultView>;
  listFaults(): Promise<FaultView[]>;
  clearFaults(filter?: { kind?: FaultKind; account?: string }): Promise<{ cleared: number }>;
  setOptions(change: Partial<SandboxSettings>): Promise<SandboxSettings>;
  createGroup(group: NewGroup): Promise<GroupView>;
  listGroups(): Promise<GroupView[]>;
  call(number: string, call: { to: string; video?: boolean }): Promise<{ callId: string }>;
  /** The phone sends a receipt with whatever ids it is told to, of its own messages or not. */
  forgeReceipt(number: string, receipt: ForgedReceipt): Promise<{ ids: number }>;
  createChannel(channel: NewChannel): Promise<ChannelView>;
  /** A post of a channel, to the linked devices of everybody who follows it. */
  post(channel: string, post: ChannelPost): Promise<{ id: string; serverId: string }>;
  /** Disappearing messages of a chat, set on this phone; 0 switches them off. */
  setTimer(number: string, timer: { to: string; seconds: number }): Promise<{ ids: string[] }>;
  /** What this phone has from earlier days: a device that is linked later gets it as history. */
  addPast(number: string, past: NewPast): Promise<{ ids: string[] }>;
  /** The media host forgets the file of a message; with `everywhere` the phone has lost it, too. */
  forgetMedia(number: string, file: ForgottenFile): Promise<{ directPath: string }>;
  /** Gives linked devices of the account a stanza as it is. */
  pushStanza(number: string, given: RawStanza): Promise<{ devices: number[] }>;
  reset(): Promise<void>;
}

export type Addressing = 'lid' | 'pn';
export type LinkingFlow = '2026' | 'classic';

export type SandboxSettings = {
  /** `2026`: the first scan retires the QR's secret and asks for a rotated one. */
  linking: LinkingFlow;
  /** How the network names people towards linked devices. */
  addressing: Addressing;
  /** Stanzas name a person by the other form as well (`sender_pn` beside a LID, …). */
  alternates: boolean;
  /** By which JIDs phones seal edits, and whether they do: phones of before May 2026 sent them plain. */
  sealed: Addressing | 'off';
  historySync: boolean;
  /** Defaults for accounts and contacts that are added later. */
  delivers: boolean;
  reads: boolean;
  /** How many messages each phone keeps to look at; older ones are dropped. */
  inboxLimit: number;
};

export type NewAccount = {
  number: string;
  name?: string;
  lid?: string;
  delivers?: boolean;
  reads?: boolean;
  replies?: string | null;
  username?: string | null;
  /** The verified name of a company's account. */
  business?: string | null;
};
export type NewContact = NewAccount & { exists?: boolean };

export type AccountView = {
  number: string;
  jid: string;
  lid: string;
  name: string;
  exists: boolean;
  delivers: boolean;
  reads: boolean;
  replies: string | null;
  username: string | null;
  business: string | null;
  devices: number;
};

export type ScanResult =
  | { status: 'rescan' }
  | { status: 'linked'; jid: string; lid: string; device: number };

export type MediaType = 'image' | 'video' | 'audio' | 'document' | 'sticker';

export type OutgoingMessage = {
  /**
   * A number, a JID of a person or group, or a group's id; with `recipients` also `status@broadcast`, or
   * `<digits>@broadcast` for a broadcast list.
   */
  to: string;
  recipients?: string[];
  text?: string;
  media?: {
    type: MediaType;
    dataBase64: string;
    mimetype?: string;
    caption?: string;
    filename?: string;
    ptt?: boolean;
  };
  /** `from`: whose message it is about, where it is not the other person's. */
  reaction?: { emoji: string; messageId: string; fromMe?: boolean; from?: string };
  edit?: { messageId: string; text: string };
  revoke?: { messageId: string };
  poll?: { question: string; options: string[]; selectable?: number };
  /** By the options' texts; none takes the vote back. */
  vote?: { messageId: string; options: string[]; from?: string };
  event?: NewEvent;
  eventEdit?: NewEvent & { messageId: string };
  eventAnswer?: {
    messageId: string;
    response: 'going' | 'not_going' | 'maybe';
    guests?: number;
    from?: string;
  };
  comment?: { messageId: string; text: string; from?: string };
  raw?: RawMessage;
  /** By which JIDs, or whether at all; the settings' `sealed` where left out. */
  sealed?: Addressing | 'off';
  /** Linked devices get a placeholder in its place: of a view-once message, or of one that only phones can read. */
  withheld?: 'view_once' | 'absent';
  /** The stanza names its sender by LID and nothing else. */
  onlyLid?: boolean;
  quoted?: { messageId: string; text?: string };
  /** Begins a new Signal session with each of the person's devices; the one before is archived there. */
  newSession?: boolean;
  /** Arrives after the next message that this phone sends without it. */
  late?: boolean;
  /** Sends this many, one after another; ids get `-1`, `-2`, … when `id` is given. */
  count?: number;
  id?: string;
};
/** Any content: a `proto.Message` as protobuf JSON has it (bytes in base64), or bytes that need not be one. */
export type RawMessage = {
  message?: Record<string, unknown>;
  base64?: string;
  /** The stanza's words. */
  type?: string;
  mediatype?: string;
  edit?: string;
};
export type NewEvent = {
  name: string;
  description?: string;
  place?: string;
  /** Unix seconds. */
  startsAt: number;
  endsAt?: number;
  cancelled?: boolean;
};
export type SentMessages = { ids: string[]; timestamp: number };

export type InboxMessage = {
  seq: number;
  id: string;
  /** Number of the person who wrote it. */
  from: string;
  /** True when a linked device of this very account wrote it, and the phone got its copy. */
  fromMe: boolean;
  type: string;
  text: string | null;
  caption: string | null;
  filename: string | null;
  mimetype: string | null;
  /** The picture or file as downloaded and decrypted; `error` says why it could not be. */
  media: { sha256: string; sizeBytes: number; error?: string } | null;
  /** Unix seconds, as the server stamped it. */
  timestamp: number;
  /** The other person's number, or the group's JID. */
  chat: string;
  /** The sending device, 0 being a phone. */
  viaDevice: number;
  addressing: Addressing;
  /** What else there is to say of a reaction, an edit, a location, a poll, … */
  details: Record<string, unknown> | null;
};
export type WaitQuery = {
  /** Answers as soon as `count` match, or after this long. */
  waitMs?: number;
  count?: number;
  /** Only what came after this sequence number. */
  after?: number;
  id?: string;
};
export type InboxQuery = WaitQuery & { from?: string; chat?: string; own?: boolean };
export type InboxPage = { messages: InboxMessage[]; lastSeq: number; received: number };

export type ReceiptKind = 'delivered' | 'read' | 'played' | 'retry' | 'sender' | 'other';
export type SeenReceipt = {
  seq: number;
  id: string;
  from: string;
  device: number;
  kind: ReceiptKind;
  /** The stanza's own word, for instance `inactive`. */
  type: string | null;
  group: string | null;
  timestamp: number;
};
export type ForgedReceipt = {
  to: string;
  ids: string[];
  /** Absent: delivered. */
  type?: 'read' | 'played';
};
/** A message to somebody with linked devices is receipted by each, the phone (device 0) among them. */
export type ReceiptQuery = WaitQuery & { from?: string; device?: number; kind?: ReceiptKind };
export type ReceiptPage = { receipts: SeenReceipt[]; lastSeq: number };

export type SeenPresence = {
  seq: number;
  from: string;
  presence: 'available' | 'unavailable' | 'typing' | 'recording' | 'paused';
  /** The other person's number, or the group's JID; null for what is shown to everybody. */
  chat: string | null;
};
export type PresenceQuery = Omit<WaitQuery, 'id'> & { from?: string };
export type PresencePage = { presences: SeenPresence[]; lastSeq: number };

export type DeviceView = {
  device: number;
  jid: string;
  lid: string;
  platform: string;
  linkedAt: string;
  connected: boolean;
  oneTimePreKeys: number;
  /** Stanzas that wait for the device's acknowledgement. */
  queued: number;
};

export type ConnectionView = {
  id: number;
  state: 'handshake' | 'linking' | 'online';
  number: string | null;
  device: number | null;
  deaf: boolean;
  since: string;
};

export type AccountCounters = {
  stanzasIn: number;
  stanzasOut: number;
  logins: number;
  /** Messages this account's linked devices sent and the server accepted. */
  messagesAccepted: number;
  messagesRefused: number;
  /** By the phone of this account. */
  messagesDecrypted: number;
  decryptionFailures: number;
  duplicates: number;
  /** Retry receipts the phone sent, and those it got. */
  retriesSent: number;
  retriesReceived: number;
  /** Stanzas given once more to a linked device that had not acknowledged them. */
  redeliveries: number;
  acks: number;
  /** Acknowledgements with an error, by which a client says that it could not use a message. */
  nacks: number;
  staleDeviceLists: number;
  unknownRequests: number;
  oneTimePreKeys: number;
};

export type NewChannel = { name: string; followers: string[] };
export type ChannelView = NewChannel & { id: string };
export type ChannelPost = { text?: string; raw?: RawMessage; id?: string };

/** `from` is a member of the group, or of the two in the chat; `at` is in Unix seconds. */
export type PastMessage = { from: string; text?: string; raw?: RawMessage; id?: string; at: number };
/** `count` repeats the messages, each a minute older than the one before; `{n}` in a text is its number. */
export type NewPast = { chat: string; messages: PastMessage[]; count?: number };
export type ForgottenFile = { chat: string; messageId: string; everywhere?: boolean };

export type RawStanza = { stanza: StanzaJson; device?: number };

export const faultKinds = [
  'drop',
  'close',
  'conflict',
  'unlink',
  'stream-error',
  'failure',
  'login-refused',
  'unreachable',
  'nack',
  'ack',
  'prekeys-low',
  'media-upload-fails',
  'media-download-fails',
  'media-download-stalls',
  'latency',
  'deaf',
  'passkey',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export type FaultRequest = {
  kind: FaultKind;
  /** A number; everybody when left out. */
  account?: string;
  /** How many times it happens; until cleared when left out (immediate kinds happen once). */
  count?: number;
  /** stream-error, failure, login-refused, nack, media-…-fails; unreachable (an HTTP status then). */
  code?: number;
  /** ack. */
  mode?: 'held' | 'delayed' | 'never';
  /** ack (delayed), latency. */
  delayMs?: number;
  /** deaf: new connections too. */
  sticky?: boolean;
};
export type FaultView = FaultRequest & { id: number; hits: number; left: number | null };

export type NewGroup = { subject: string; creator: string; participants: string[] };
export type GroupView = {
  id: string;
  subject: string;
  creator: string;
  addressing: Addressing;
  participants: { number: string; admin: boolean }[];
};
