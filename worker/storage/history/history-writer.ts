import { randomBytes } from 'node:crypto';
import { type BackOff, waitBackOff } from '../../../shared/retry/back-off.ts';
import type { ObjectStore } from '../object-store.ts';
import { historyKey } from './history-keys.ts';
import { encodeRecords, type HistoryRecord } from './history-record.ts';

export interface HistoryWriterOptions {
  store: ObjectStore;
  sessionId: string;
  /** A batch is written after so long, or once it has so many records. */
  afterMs?: number;
  mostRecords?: number;
  /** Of what waits while storage is away; the oldest goes first. */
  mostWaiting?: number;
  backOff?: BackOff;
  now?: () => Date;
  onDropped?: (count: number) => void;
}

const DEFAULTS = {
  afterMs: 15_000,
  mostRecords: 500,
  mostWaiting: 20_000,
  backOff: { firstMs: 500, longestMs: 30_000 },
  now: () => new Date(),
};

/** Appends to a session's history, in batches; an append costs nothing by itself. */
export class HistoryWriter {
  readonly #options: HistoryWriterOptions & typeof DEFAULTS;
  readonly #stopped = new AbortController();
  #waiting: HistoryRecord[] = [];
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HistoryWriterOptions) {
    this.#options = { ...DEFAULTS, ...options };
  }

  append(record: HistoryRecord): void {
    const { mostRecords, mostWaiting, afterMs } = this.#options;
    if (this.#stopped.signal.aborted) return;
    this.#waiting.push(record);
    if (this.#waiting.length > mostWaiting) {
      this.#waiting.shift();
      this.#options.onDropped?.(1);
    }
    if (this.#waiting.length >= mostRecords) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), afterMs).unref();
  }

  /** Resolves once everything appended so far is durable, or the writer is stopped. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#waiting.length > 0 || this.#writing !== undefined) {
      this.#writing ??= this.#write().finally(() => {
        this.#writing = undefined;
      });
      await this.#writing;
      if (this.#stopped.signal.aborted) return;
    }
  }

  /** Gives up what is not written. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#stopped.abort();
  }

  async #write(): Promise<void> {
    const { store, sessionId, mostRecords, now, backOff } = this.#options;
    const records = this.#waiting.splice(0, mostRecords);
    const messages = records.filter(({ kind }) => kind === 'message').length;
    const key = historyKey(sessionId, { at: now(), suffix: randomBytes(4).toString('hex'), messages });
    const body = encodeRecords(records);
    const { signal } = this.#stopped;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        await store.put(key, body, { contentType: 'application/x-ndjson', signal });
        return;
      } catch {
        await waitBackOff(backOff, attempt, signal).catch(() => undefined);
      }
    }
  }
}
