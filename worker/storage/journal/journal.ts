import { AppError } from '../../../shared/errors/app-error.ts';
import type { BackOff } from '../../../shared/retry/back-off.ts';
import type { ObjectStore } from '../object-store.ts';
import { DurableWaiters } from './durable-waiters.ts';
import { JournalError } from './journal-error.ts';
import type { JournalState } from './journal-state.ts';
import { entryKey, JournalWriter } from './journal-writer.ts';
import { PendingChanges } from './pending-changes.ts';
import type { ReadJournal } from './read-journal.ts';
import { WriteSchedule } from './write-schedule.ts';

/**
 * How soon a change must be durable. `binding`: before the next frame leaves. `received`: likewise, but what
 * follows is a receipt, which may wait a moment for more of its kind. `soon`: within a second, though no frame
 * waits for it, unless it has been taken back by then. `idle`: with whatever is written next, or within a minute;
 * losing it repeats work only.
 */
export type Urgency = 'binding' | 'received' | 'soon' | 'idle';

export interface JournalOptions {
  store: ObjectStore;
  sessionId: string;
  epoch: number;
  read: ReadJournal;
  backOff?: BackOff;
  /** After which `soon` changes are written on their own. */
  soonMs?: number;
  /** After which `idle` changes are, where nothing else was written meanwhile. */
  restMs?: number;
  /** How long what was received waits for more, so that a burst shares a write. */
  gatherMs?: number;
  /** After which a write that has not failed yet counts as a fault. */
  slowMs?: number;
  /** Of changes not yet durable; beyond it `ensureRoom` throws and `whenRoom` waits. */
  mostPendingBytes?: number;
  onFault(error: unknown): void;
  onRecovered(): void;
}

const DEFAULTS = {
  backOff: { firstMs: 100, longestMs: 5_000 },
  soonMs: 1_000,
  restMs: 60_000,
  gatherMs: 60,
  slowMs: 5_000,
  mostPendingBytes: 16 * 1024 * 1024,
};

/**
 * A session's ordered journal with group commit. Changes apply to `state` at once and gather in a batch;
 * batches are written one at a time, so a restore sees a prefix of what happened and never a later change
 * without an earlier one. Until `activate` nothing is written at all.
 */
export class Journal {
  readonly state: JournalState;
  readonly #options: JournalOptions & typeof DEFAULTS;
  readonly #writer: JournalWriter;
  readonly #stopped = new AbortController();
  readonly #waiters = new DurableWaiters();
  /** Those for whose sake nothing is written. */
  readonly #onlookers = new DurableWaiters();
  readonly #pending = new PendingChanges();
  readonly #schedule: WriteSchedule;
  #inFlight: Promise<void> | undefined;
  #active = false;
  /** The number of the batch being filled, of the last durable one, and of the last that frames wait for. */
  #batch = 1;
  #durable = 0;
  #binding = 0;
  #closed: JournalError | undefined;
  #faulty = false;

  constructor(options: JournalOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.state = options.read.state;
    const { store, sessionId, epoch, read } = options;
    this.#schedule = new WriteSchedule({
      soonMs: this.#options.soonMs,
      restMs: this.#options.restMs,
      gatherMs: this.#options.gatherMs,
      mayBegin: () => this.#active && !this.#closed && this.#inFlight === undefined,
      isUrged: () => this.#pending.isUrged,
      isEmpty: () => this.#pending.isEmpty,
      begin: () => this.#begin(),
    });
    this.#writer = new JournalWriter({
      store,
      sessionId,
      epoch,
      lastNumber: read.lastNumber,
      superseded: read.keys,
      predecessor: read.predecessor,
      backOff: this.#options.backOff,
      onFault: (error) => this.#fail(error),
    });
  }

  get active(): boolean {
    return this.#active;
  }

  /** The object that holds the last durable commit. */
  get lastKey(): string | undefined {
    return this.#writer.lastKey;
  }

  /** From here on changes are written; the first write is a snapshot of everything. */
  activate(): void {
    if (this.#active || this.#closed) return;
    this.#active = true;
    this.#writer.requestSnapshot();
    this.#bind(true);
  }

  /** The next write is a snapshot, and no frame leaves before it is durable. */
  requestSnapshot(): void {
    if (!this.#active) return;
    this.#writer.requestSnapshot();
    this.#bind(true);
  }

  append(space: string, id: string, value: string | undefined, urgency: Urgency): void {
    if (this.#closed) return;
    const key = entryKey(space, id);
    const isWaitedFor = urgency === 'binding' || urgency === 'received';
    if (this.state.get(space, id) === value) {
      // Nothing new; but what was appended without haste may now be waited for.
      if (isWaitedFor) this.#bindKnown(this.#pending.has(key));
      return;
    }
    const wasKnown = this.state.has(space, id);
    this.state.apply({ space, id, value });
    if (!this.#active) return;
    this.#pending.add(key, value, wasKnown);
    if (!this.#pending.has(key)) {
      if (this.#inFlight === undefined) this.#releaseEmpty();
      return;
    }
    this.#schedule.atRest();
    if (isWaitedFor) this.#bind(urgency === 'binding');
    else if (urgency === 'soon') {
      this.#pending.urge(key);
      this.#schedule.soon();
    }
  }

  /** What is not durable yet: how many changes, and about how large. */
  get backlog(): { changes: number; bytes: number } {
    return this.#pending.backlog;
  }

  /** Half of what may wait does: time to take in nothing more. */
  get isFilling(): boolean {
    return this.#pending.sizeBytes > this.#options.mostPendingBytes / 2;
  }

  /** @throws AppError STORAGE_UNAVAILABLE where too much waits to be written. */
  ensureRoom(): void {
    if (this.#hasRoom) return;
    throw new AppError(
      'STORAGE_UNAVAILABLE',
      'The session’s storage is behind; sending waits until it is back.',
    );
  }

  /** Resolves when more may wait to be written. @throws JournalError JOURNAL_CLOSED */
  async whenRoom(): Promise<void> {
    while (!this.#hasRoom) await this.barrier();
  }

  get #hasRoom(): boolean {
    return this.#pending.sizeBytes <= this.#options.mostPendingBytes;
  }

  /** The batch that must be durable before a frame that is built now may leave. */
  get bindingBatch(): number {
    return this.#binding;
  }

  isDurable(batch: number): boolean {
    return batch <= this.#durable;
  }

  /** @throws JournalError JOURNAL_CLOSED */
  whenDurable(batch: number): Promise<void> {
    if (batch <= this.#durable) return Promise.resolve();
    if (this.#closed) return Promise.reject(this.#closed);
    const durable = this.#waiters.add(batch);
    this.#schedule.request();
    return durable;
  }

  /** Resolves when everything appended before the call is durable. */
  barrier(): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closed);
    const isEmpty = this.#pending.isEmpty && this.#binding < this.#batch;
    if (!isEmpty) this.#schedule.hurry();
    return this.whenDurable(isEmpty ? this.#batch - 1 : this.#batch);
  }

  /**
   * Resolves when everything appended before the call has become durable, or has been taken back, and does not
   * hurry it.
   * @throws JournalError JOURNAL_CLOSED
   */
  whenWritten(): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (!this.#pending.isEmpty) return this.#onlookers.add(this.#batch);
    return this.#inFlight ? this.#onlookers.add(this.#batch - 1) : Promise.resolve();
  }

  /** Stops writing until the next `activate`; what is not durable yet is dropped. Resolves once nothing is under way. */
  async deactivate(): Promise<void> {
    this.#active = false;
    await this.#inFlight;
    this.#pending.clear();
    this.#binding = this.#durable;
  }

  /** Writes what is left, as a snapshot marked clean, and stops. */
  async close(): Promise<void> {
    if (this.#closed || !this.#active) return this.stop();
    this.#closed = new JournalError('JOURNAL_CLOSED', 'The session’s journal is closed.');
    await this.#inFlight;
    this.#writer.requestSnapshot();
    await this.#writer.commit([], this.state, { clean: true, signal: this.#stopped.signal });
    this.#release(this.#batch);
    this.stop();
  }

  /** Drops what is not durable and writes nothing more. */
  stop(): void {
    const closed = this.#closed ?? new JournalError('JOURNAL_CLOSED', 'The session’s journal is closed.');
    this.#closed = closed;
    this.#schedule.stop();
    this.#stopped.abort();
    this.#waiters.reject(closed);
    this.#onlookers.reject(closed);
    this.#pending.clear();
  }

  #release(batch: number): void {
    this.#waiters.release(batch);
    this.#onlookers.release(batch);
  }

  /** Nothing of the batch being filled is left to write. */
  #releaseEmpty(): void {
    if (this.#pending.isEmpty) this.#onlookers.release(this.#batch);
  }

  #bind(hurried: boolean): void {
    this.#binding = this.#batch;
    if (hurried) this.#schedule.hurry();
  }

  #bindKnown(isPending: boolean): void {
    if (isPending) this.#bind(true);
    else if (this.#inFlight) this.#binding = Math.max(this.#binding, this.#batch - 1);
  }

  #begin(): void {
    this.#inFlight = this.#flush().finally(() => {
      this.#inFlight = undefined;
      this.#releaseEmpty();
      if (!this.#waiters.isEmpty || this.#schedule.isDue) this.#schedule.request();
    });
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    const changed = this.#pending.take();
    this.#batch += 1;
    this.#schedule.restart();
    const slow = setTimeout(() => this.#fail(new Error('a write takes long')), this.#options.slowMs);
    try {
      await this.#writer.commit(changed, this.state, { signal: this.#stopped.signal });
      this.#durable = batch;
      this.#recover();
      this.#release(batch);
    } catch (error) {
      if (this.#stopped.signal.aborted) return;
      // Encoding failed: nothing of this journal may leave any more, and somebody must see why.
      this.#fail(error);
      this.stop();
    } finally {
      clearTimeout(slow);
      this.#pending.landed();
    }
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    this.#faulty = true;
    this.#options.onFault(error);
  }

  #recover(): void {
    if (!this.#faulty) return;
    this.#faulty = false;
    this.#options.onRecovered();
  }
}
