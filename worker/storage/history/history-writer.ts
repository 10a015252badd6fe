import { randomBytes } from 'node:crypto';
import { historyKey } from '../../../shared/messages/history/history-keys.ts';
import type { HistoryRecord } from '../../../shared/messages/history/history-record.ts';
import type { UnwrittenBatch } from '../../../shared/messages/history/scan-history.ts';
import type { BackOff } from '../../../shared/retry/back-off.ts';
import { waitBackOff } from '../../../shared/retry/back-off.ts';
import type { ObjectStore } from '../object-store.ts';
import { findWritten } from './find-written.ts';
import { decodeWaiting, type Readiness, type WaitingRecord, WaitingRecords } from './waiting-records.ts';

/** Where records are kept by identity, from when they are added until they are written. */
export interface HistoryOutbox {
  /** Durable with the next write of the journal, without causing one. */
  append(identity: string, line: string): void;
  /** Oldest first. */
  pending(): readonly (readonly [identity: string, line: string])[];
  settle(identities: readonly string[]): void;
}

export interface HistoryWriterOptions {
  store: ObjectStore;
  sessionId: string;
  epoch: () => number;
  /** The session's journal, while it is open. */
  outbox?: () => HistoryOutbox | undefined;
  /** Asked immediately before each write: an owner that was away does not begin one. */
  mayWrite?: () => boolean;
  /** A part is written after this time, or once it has this many records or bytes. */
  afterMs?: number;
  mostRecords?: number;
  mostBytes?: number;
  /** The bound on what waits while storage is away; the oldest is dropped first. */
  mostWaiting?: { records: number; bytes: number };
  backOff?: BackOff;
  now?: () => number;
  onWritten?: () => void;
  onDropped?: () => void;
}

const DEFAULTS = {
  outbox: (): HistoryOutbox | undefined => undefined,
  mayWrite: () => true,
  afterMs: 300_000,
  mostRecords: 500,
  mostBytes: 256 * 1024,
  mostWaiting: { records: 5_000, bytes: 8 * 1024 * 1024 },
  backOff: { firstMs: 500, longestMs: 30_000 },
  now: Date.now,
};

interface Part {
  key: string;
  records: Map<string, WaitingRecord>;
}

/**
 * Appends to a session's history, in parts of many records. The journal holds each record from when it is
 * added until its part is durable, so a part can wait long, and a record costs no write of its own.
 */
export class HistoryWriter {
  readonly #options: HistoryWriterOptions & typeof DEFAULTS;
  readonly #stopped = new AbortController();
  readonly #waiting = new WaitingRecords();
  /** Parts that were written during a read: the LIST may have come before them. */
  readonly #justWritten: Part[] = [];
  #readers = 0;
  #part: Part | undefined;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastWritten = 0;
  /** Nothing more will become known of any record. */
  #closing = false;

  constructor(options: HistoryWriterOptions) {
    this.#options = { ...DEFAULTS, ...options };
  }

  /** Adds a record, or updates the one of the same identity. */
  add(record: HistoryRecord, readiness: Readiness = 'ready'): void {
    const { mostRecords, mostBytes, mostWaiting, outbox } = this.#options;
    if (this.#stopped.signal.aborted) return;
    const { identity, line } = this.#waiting.set(record, readiness);
    outbox()?.append(identity, line);
    if (this.#waiting.count > mostWaiting.records || this.#waiting.sizeBytes > mostWaiting.bytes)
      this.#drop();
    if (this.#waiting.count >= mostRecords || this.#waiting.sizeBytes >= mostBytes) void this.flush();
    else this.#flushLater();
  }

  isWaiting(identity: string): boolean {
    return this.#waiting.has(identity);
  }

  /** Returns false where it has been written, or is being written, already. */
  forget(identity: string): boolean {
    if (!this.#waiting.has(identity)) return false;
    this.#waiting.delete(identity);
    this.#options.outbox()?.settle([identity]);
    return true;
  }

  /** Takes over what an earlier owner left in the journal, and drops what it had already written. */
  async adopt(pending: readonly (readonly [string, string])[]): Promise<void> {
    const { store, sessionId, backOff, outbox } = this.#options;
    const isOurs = (identity: string) =>
      this.#waiting.has(identity) || this.#part?.records.has(identity) === true;
    const left = pending.filter(([identity]) => !isOurs(identity));
    if (left.length === 0) return;
    this.#waiting.putFirst(left);
    const { signal } = this.#stopped;
    for (let attempt = 0; !signal.aborted; attempt += 1)
      try {
        const written = await findWritten(store, sessionId, left);
        for (const identity of written) this.#waiting.delete(identity);
        outbox()?.settle(written);
        for (const [identity] of left) this.#waiting.settle(identity, 'ready');
        return await this.flush();
      } catch {
        await waitBackOff(backOff, attempt, signal).catch(() => undefined);
      }
  }

  /** Gives `work` the records that a reader of the store does not find there yet. */
  async read<T>(work: (unwritten: () => UnwrittenBatch[]) => Promise<T>): Promise<T> {
    this.#readers += 1;
    try {
      return await work(() => this.#unwritten());
    } finally {
      this.#readers -= 1;
      if (this.#readers === 0) this.#justWritten.length = 0;
    }
  }

  /** Resolves once all that can be written is durable, or the writer is stopped. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (;;) {
      this.#writing ??= this.#writeNext();
      if (this.#writing === undefined) return;
      await this.#writing;
    }
  }

  /** Writes what there is, as far as possible in time, and ends. */
  async close(timeoutMs: number): Promise<void> {
    this.#closing = true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.flush(), late]);
    clearTimeout(timer);
    void this.stop();
  }

  /** Leaves unwritten records in the journal. Resolves once nothing is under way. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopped.abort();
    await this.#writing;
  }

  #flushLater(): void {
    this.#timer ??= setTimeout(() => void this.flush(), this.#options.afterMs).unref();
  }

  #drop(): void {
    const dropped = this.#waiting.dropOldest();
    if (dropped === undefined) return;
    this.#options.outbox()?.settle([dropped]);
    this.#options.onDropped?.();
  }

  #unwritten(): UnwrittenBatch[] {
    const parts = [...this.#justWritten, ...(this.#part === undefined ? [] : [this.#part])];
    return [
      ...parts.map(({ key, records }) => ({ key, records: decodeWaiting(records) })),
      { records: decodeWaiting(this.#waiting.entries()) },
    ];
  }

  #writeNext(): Promise<void> | undefined {
    const { sessionId, epoch, mostRecords, mostBytes, now } = this.#options;
    if (this.#stopped.signal.aborted) return undefined;
    const most = { records: mostRecords, bytes: mostBytes };
    const records = this.#waiting.take(
      most,
      ({ readiness }) => readiness === 'ready' || (this.#closing && readiness === 'open'),
    );
    if (records.size === 0) return undefined;
    // Rises, so that parts keep their order.
    this.#lastWritten = Math.max(now(), this.#lastWritten + 1);
    const messages = [...records.values()].filter(({ isMessage }) => isMessage).length;
    const name = { from: this.#lastWritten, epoch: epoch(), messages };
    this.#part = { key: historyKey(sessionId, name, randomBytes(4).toString('hex')), records };
    return this.#write(this.#part).finally(() => {
      this.#part = undefined;
      this.#writing = undefined;
    });
  }

  async #write(part: Part): Promise<void> {
    const { store, outbox, mayWrite, backOff, onWritten } = this.#options;
    const body = Buffer.from([...part.records.values()].map(({ line }) => line).join(''));
    const { signal } = this.#stopped;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        if (!mayWrite()) throw new Error('another owner may be active');
        await store.put(part.key, body, { contentType: 'application/x-ndjson', signal });
        // A record that was updated meanwhile is still to be written.
        outbox()?.settle([...part.records.keys()].filter((identity) => !this.#waiting.has(identity)));
        if (this.#readers > 0) this.#justWritten.push(part);
        onWritten?.();
        return;
      } catch {
        await waitBackOff(backOff, attempt, signal).catch(() => undefined);
      }
    }
  }
}
