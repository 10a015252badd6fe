import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { HistoryPage, HistoryQuery } from '../../../shared/messages/history/history-query.ts';
import type { FoundMessage, HistoryRecord } from '../../../shared/messages/history/history-record.ts';
import { readHistory, readHistoryMessage } from '../../../shared/messages/history/read-history.ts';
import type { ReadBounds } from '../../../shared/messages/history/scan-history.ts';
import type { WorkerSend } from '../../../shared/workers/api/schema.ts';
import { foldHistory } from '../../storage/history/fold-history.ts';
import { HistoryWriter } from '../../storage/history/history-writer.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { type SessionData, SessionDataFile } from '../../storage/session-data.ts';
import { waitAtMost } from '../../storage/wait-at-most.ts';
import { readContent } from '../../whatsapp/reading/read-content.ts';
import { withoutDevice } from '../../whatsapp/reading/read-jid.ts';
import type { IncomingChange, IncomingMessage } from '../../whatsapp/reading/read-message.ts';
import { describeFault } from '../../whatsapp/socket/describe-fault.ts';
import type { PreparedMessage } from '../../whatsapp/socket/whatsapp-socket.ts';
import type { OutgoingMessage, SessionAuth } from '../../whatsapp/state/session-auth.ts';
import type { MessageOutcome, SentMessage } from '../reporting/session-reports.ts';
import { receivedChange, receivedRecord, sendingRecord, sentChange, stepRecord } from './to-history.ts';

type Auth = Pick<SessionAuth, 'history' | 'lidOf' | 'me'>;

export interface MessageHistoryDeps {
  sessionId: string;
  epoch: number;
  store: ObjectStore;
  log: Logger;
  /** The session's durable state, while it is open. */
  auth: () => Auth | undefined;
  /** Whether this worker may still write for the session. */
  mayWrite: () => boolean;
}

/** The control plane waits 2 s for a listing and then reads by itself. */
const LIVE_BOUNDS: Partial<ReadBounds> = { timeoutMs: 1_500 };
const FLUSH_MS = 3_000;
const MOST_UNNAMED = 1_000;

/**
 * Stores what a session sends and receives, and the status of each message, where its tenant can look it up.
 */
export class MessageHistory {
  /** When off, nothing more is stored; what is stored stays. */
  enabled = true;
  readonly #deps: MessageHistoryDeps;
  readonly #writer: HistoryWriter;
  readonly #data: SessionDataFile;
  readonly #stopped = new AbortController();
  /** Messages to people whose LID was unknown; WhatsApp tells it while they are sent. */
  readonly #unnamed = new LRUCache<string, Extract<HistoryRecord, { kind: 'message' }>>({
    max: MOST_UNNAMED,
  });
  #epoch: number;
  #foldedOn = '';
  #folding: Promise<void> | undefined;

  constructor(deps: MessageHistoryDeps) {
    const { store, sessionId, auth, mayWrite, log } = deps;
    this.#deps = deps;
    this.#epoch = deps.epoch;
    this.#data = new SessionDataFile({ store, sessionId, mayWrite });
    this.#writer = new HistoryWriter({
      store,
      sessionId,
      mayWrite,
      epoch: () => this.#epoch,
      outbox: () => auth()?.history,
      onWritten: () => this.#foldDaily(),
      onDropped: () => log.error('storage is away for long: a record of the history was dropped'),
    });
  }

  enter(epoch: number): void {
    this.#epoch = epoch;
  }

  /** Records that an earlier owner, or an earlier epoch of this one, has left in the journal. */
  takeOver({ history }: Pick<SessionAuth, 'history'>): void {
    void this.#writer.adopt(history.pending());
  }

  /** In the tick in which its report is journaled. `open`: its file is still being fetched. */
  received(message: IncomingMessage, readiness: 'open' | 'ready'): void {
    if (this.enabled) this.#writer.add(receivedRecord(message), readiness);
  }

  /** Likewise, of what was said about an earlier message. */
  changed(event: IncomingChange): void {
    if (this.enabled) this.#writer.add(receivedChange(event));
  }

  /** In the tick in which WhatsApp's acknowledgement is: until then nothing has changed. */
  said(sent: SentMessage): void {
    if (this.enabled && sent.change !== undefined)
      this.#writer.add(sentChange(sent, sent.change, this.placeOf(sent.to)));
  }

  /** In the tick in which the message itself is journaled. */
  sending(outgoing: OutgoingMessage, content: PreparedMessage['message'], { media }: WorkerSend): void {
    if (!this.enabled) return;
    const { to, type } = outgoing;
    const place = this.placeOf(to);
    const record = sendingRecord(outgoing, readContent(content) ?? { type, content: null }, {
      ...place,
      mediaId: media !== undefined && 'mediaId' in media ? media.mediaId : undefined,
    });
    this.#writer.add(record);
    // An unknown LID may become known while the message is sent.
    if (place.chatId === to && record.kind === 'message') this.#unnamed.set(outgoing.id, record);
  }

  /** It was not sent, and nobody was promised that it will be. */
  withdrawn(messageId: string): void {
    this.#unnamed.delete(messageId);
    if (!this.#writer.forget(`out|${messageId}`)) this.step({ messageId, status: 'failed' });
  }

  step(outcome: MessageOutcome): void {
    if (!this.enabled) return;
    this.#name(outcome.messageId);
    this.#writer.add(stepRecord(outcome));
  }

  note(state: Pick<SessionData, 'status' | 'phoneNumber'>): void {
    this.#data.note({ epoch: this.#epoch, ...state });
  }

  /**
   * Includes what is not written yet.
   * @throws whatever the store throws
   */
  read(query: HistoryQuery, firstEpoch?: number): Promise<HistoryPage> {
    const { store, sessionId } = this.#deps;
    return this.#writer.read((unwritten) =>
      readHistory(store, sessionId, query, { unwritten, firstEpoch, bounds: LIVE_BOUNDS }),
    );
  }

  /** Includes what is not written yet. */
  find(messageId: string, firstEpoch?: number): Promise<FoundMessage | undefined> {
    const { store, sessionId } = this.#deps;
    return this.#writer.read((unwritten) =>
      readHistoryMessage(store, sessionId, messageId, { unwritten, firstEpoch, bounds: LIVE_BOUNDS }),
    );
  }

  /** Takes a bounded time, also where storage is away. */
  async flush(timeoutMs = FLUSH_MS): Promise<void> {
    await within(timeoutMs, Promise.all([this.#writer.flush(), this.#data.flush()]));
  }

  /** Ends gracefully, within a bound. */
  async close(timeoutMs = FLUSH_MS): Promise<void> {
    await Promise.all([this.#writer.close(timeoutMs), within(timeoutMs, this.#data.flush())]);
    await this.stop(timeoutMs);
  }

  /** Writes nothing more. Resolves once nothing is under way, as far as that is known in time. */
  async stop(timeoutMs = FLUSH_MS): Promise<void> {
    this.#stopped.abort();
    await within(timeoutMs, Promise.all([this.#writer.stop(), this.#data.stop(), this.#folding]));
  }

  /** The chat that stands for this recipient, and who writes there. */
  placeOf(to: string): { chatId: string; from: string } {
    const auth = this.#deps.auth();
    return { chatId: auth?.lidOf(to) ?? to, from: withoutDevice(auth?.me?.id ?? '') };
  }

  /** Both directions of a chat are stored under one name. */
  #name(messageId: string): void {
    const record = this.#unnamed.get(messageId);
    const chatId = record && this.#deps.auth()?.lidOf(record.message.to);
    this.#unnamed.delete(messageId);
    if (record === undefined || chatId === undefined || !this.#writer.isWaiting(`out|${messageId}`)) return;
    this.#writer.add({ ...record, message: { ...record.message, chatId } });
  }

  /** Folds with the first part of a day; in the background, since nothing depends on it. */
  #foldDaily(): void {
    const { store, sessionId, mayWrite, log } = this.#deps;
    const now = Date.now();
    const day = new Date(now).toISOString().slice(0, 10);
    if (this.#foldedOn === day || this.#folding !== undefined) return;
    this.#folding = foldHistory(store, sessionId, { now, mayWrite, signal: this.#stopped.signal })
      .then(() => {
        this.#foldedOn = day;
      })
      .catch((fault) => log.info({ reason: describeFault(fault) }, 'the history was not folded yet'))
      .finally(() => {
        this.#folding = undefined;
      });
  }
}

async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  await waitAtMost(timeoutMs, work).catch(() => undefined);
}
