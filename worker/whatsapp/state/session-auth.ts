import type {
  AuthenticationCreds,
  proto,
  SignalKeyStore,
  SocketConfig,
  WAMessageKey,
} from '@whiskeysockets/baileys';
import type { QueuedReport } from '../../report.ts';
import type { HistoryOutbox } from '../../storage/history/history-writer.ts';
import type { FailedMessage } from '../signal/plaintext-memory.ts';
import type { ContactBook } from './contact-book.ts';
import type { SecretBook } from './secret-book.ts';

/** What goes into `makeWASocket`: keys answer from memory, `set` appends to the journal and returns. */
export interface SocketAuth {
  auth: { creds: AuthenticationCreds; keys: SignalKeyStore };
  makeSignalRepository: SocketConfig['makeSignalRepository'];
  getMessage: (key: WAMessageKey) => Promise<proto.IMessage | undefined>;
  /** When a message of ours left, as long as `getMessage` knows it. */
  sentAt: (messageId: string) => Date | undefined;
}

/** Reports (callbacks) kept until the control plane has accepted them; replayed by the next owner. */
export interface ReportOutbox {
  /** Durable with the next barrier. */
  append(report: QueuedReport): void;
  pending(): readonly QueuedReport[];
  /** Forgets accepted reports. */
  settle(ids: readonly string[]): void;
  /**
   * Resolves once the report is durable or accepted, whichever comes first; hurries neither, and stays open where
   * the journal is closed before.
   */
  whenSafe(id: string): Promise<void>;
}

/** A message of ours on its way, as far as its reports, also those of a later owner, have to name it. */
export interface OutgoingMessage {
  id: string;
  to: string;
  type: string;
  at: Date;
}

/** Without content it never left: its owner ended while it was being made ready. */
export interface UnsettledMessage {
  message: OutgoingMessage;
  content: proto.IMessage | undefined;
}

/** Messages that WhatsApp has not acknowledged yet; the next owner sends them again under their ids. */
export interface OutgoingMessages {
  /**
   * Called before it leaves: no frame goes before it is durable. Its content is kept for retry receipts as well;
   * a message without any is one that somebody has been promised, but that is not ready yet.
   * @throws AppError STORAGE_UNAVAILABLE, RATE_LIMITED
   */
  add(message: OutgoingMessage, content?: proto.IMessage): void;
  /** WhatsApp has answered. Durable in one write with what is appended in the same tick: its reports. */
  settle(id: string): void;
  /** It must not leave any more, or has been refused: durable with the next barrier. */
  withdraw(id: string): void;
  /** The chat of a message of ours, as far back as is remembered; without a JID where only its id is. */
  chatOf(id: string): { jid: string | undefined } | undefined;
  /** Oldest first. */
  pending(): UnsettledMessage[];
}

/** What waits for storage, each part of it bounded. */
export interface Backlog {
  changes: number;
  bytes: number;
  /** Outgoing, behind the write barrier. */
  frames: number;
}

/** The storage under a session is slow or failing: sending stops until it is back. */
export interface StorageFault {
  code: 'STORAGE_UNAVAILABLE';
  message: string;
  since: Date;
}

/**
 * The durable state of one session under one epoch: credentials, Signal state,
 * sent messages for retry receipts, received messages not yet reported, and queued reports; all in one
 * ordered journal.
 */
export interface SessionAuth {
  /** True once the account is linked: there is something to log in with. */
  readonly linked: boolean;
  /** Of the linked account, as WhatsApp names it. */
  readonly me: { id: string; lid: string | undefined; name: string | undefined } | undefined;
  /** The last socket's state, or a fresh identity where the account is not linked: each linking attempt starts anew. */
  openSocket(): SocketAuth;
  /** Takes a `creds.update`; not journaled until linked. */
  saveCreds(update: Partial<AuthenticationCreds>): void;
  /** Resolves when everything appended before the call is durable; rejects only when closed or fenced. */
  barrier(): Promise<void>;
  /**
   * Puts the write barrier and `mayLeave` (the lease) in front of every outgoing frame, in order.
   * A frame for which `mayLeave` answers false is dropped.
   */
  guardFrames(socket: { ws: unknown }, mayLeave: () => boolean): void;
  readonly outgoing: OutgoingMessages;
  readonly reports: ReportOutbox;
  readonly history: HistoryOutbox;
  readonly contacts: ContactBook;
  readonly secrets: Pick<SecretBook, 'find' | 'remember'>;
  /** The LID of a person named by their phone number's JID, where WhatsApp has told it. */
  lidOf(jid: string): string | undefined;
  /** The other way round. */
  pnOf(lid: string): string | undefined;
  /** Called with a message that could not be decrypted; answers the function that stops it. */
  onUndecryptable(listener: (failure: FailedMessage) => void): () => void;
  readonly fault: StorageFault | undefined;
  readonly backlog: Backlog;
  /** Called when `fault` appears and when it clears; answers the function that stops it. */
  onFaultChange(listener: (fault: StorageFault | undefined) => void): () => void;
  /** Flushes, marks a clean close, releases memory. Takes a bounded time, also where storage is away. */
  close(): Promise<void>;
  /** Drops what is not durable and writes nothing more: another owner may be active. */
  abandon(): void;
  /**
   * Removes credentials of every epoch up to this one, after a logout; the state is then unlinked.
   * @throws AppError STORAGE_UNAVAILABLE where that is not certain in time: it may be called again
   */
  eraseCredentials(): Promise<void>;
}
