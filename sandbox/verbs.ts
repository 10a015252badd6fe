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
  reset(): Promise<void>;
}

export type Addressing = 'lid' | 'pn';
export type LinkingFlow = '2026' | 'classic';

export type SandboxSettings = {
  /** `2026`: the first scan retires the QR's secret and asks for a rotated one. */
  linking: LinkingFlow;
  /** How the network names people towards linked devices. */
  addressing: Addressing;
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
  devices: number;
};

export type ScanResult =
  | { status: 'rescan' }
  | { status: 'linked'; jid: string; lid: string; device: number };

export type MediaType = 'image' | 'video' | 'audio' | 'document' | 'sticker';

export type OutgoingMessage = {
  /** A number, a JID of a person or group, or a group's id. */
  to: string;
  text?: string;
  media?: {
    type: MediaType;
    dataBase64: string;
    mimetype?: string;
    caption?: string;
    filename?: string;
    ptt?: boolean;
  };
  reaction?: { emoji: string; messageId: string; fromMe?: boolean };
  edit?: { messageId: string; text: string };
  revoke?: { messageId: string };
  quoted?: { messageId: string; text?: string };
  /** Begins a new Signal session with each of the person's devices; the one before is archived there. */
  newSession?: boolean;
  /** Arrives after the next message that this phone sends without it. */
  late?: boolean;
  /** Sends this many, one after another; ids get `-1`, `-2`, … when `id` is given. */
  count?: number;
  id?: string;
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
  /** stream-error, failure, login-refused, nack, media-upload-fails; unreachable (an HTTP status then). */
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
