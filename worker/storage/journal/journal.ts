import { AppError } from '../../../shared/errors/app-error.ts';
import { Batches, BatchFlight } from './group-commit.ts';
import { holdsFrames, type Urgency } from './journal-entry.ts';
import { JournalError } from './journal-error.ts';
import { JOURNAL_DEFAULTS, type JournalOptions } from './journal-options.ts';
import type { JournalState } from './journal-state.ts';
import { entryKey, JournalWriter } from './journal-writer.ts';
import { PendingChanges } from './pending-changes.ts';
import { WriteHealth } from './write-health.ts';
import { WriteSchedule } from './write-schedule.ts';

/**
 * A session's ordered journal with group commit. Changes apply to `state` at once and gather in a batch;
 * batches are written one at a time, so a restore sees a prefix of what happened and never a later change
 * without an earlier one. Nothing is written before `activate`.
 */
export class Journal {
  readonly state: JournalState;
  readonly #pending: PendingChanges;
  readonly #batches = new Batches();
  readonly #schedule: WriteSchedule;
  readonly #writer: JournalWriter;
  readonly #flight: BatchFlight;
  readonly #stopped = new AbortController();
  #active = false;
  #closed: JournalError | undefined;

  constructor(options: JournalOptions) {
    const { read, ...settings } = { ...JOURNAL_DEFAULTS, ...options };
    this.state = read.state;
    const { signal } = this.#stopped;
    const health = new WriteHealth({ ...settings, isOver: () => this.#closed !== undefined });
    this.#pending = new PendingChanges(settings.mostPendingBytes);
    this.#schedule = new WriteSchedule({
      ...settings,
      mayBegin: () => this.#active && !this.#closed && this.#flight.underWay === undefined,
      isUrged: () => this.#pending.isUrged,
      isEmpty: () => this.#pending.isEmpty,
      begin: () => this.#flight.begin(),
    });
    this.#writer = new JournalWriter({
      ...settings,
      lastNumber: read.lastNumber,
      superseded: read.keys,
      predecessor: read.predecessor,
      onFault: (error) => health.fail(error),
    });
    this.#flight = new BatchFlight({
      pending: this.#pending,
      batches: this.#batches,
      schedule: this.#schedule,
      health,
      commit: (changed) => this.#writer.commit(changed, this.state, { signal }),
      isStopped: () => signal.aborted,
      onBroken: () => this.stop(),
    });
  }

  get active(): boolean {
    return this.#active;
  }

  /** Key of the last durable commit. */
  get lastKey(): string | undefined {
    return this.#writer.lastKey;
  }

  /** Writes changes from now on; the first write is a snapshot of everything. */
  activate(): void {
    if (this.#active || this.#closed) return;
    this.#active = true;
    this.requestSnapshot();
  }

  /** Makes the next write a snapshot, which frames wait for. */
  requestSnapshot(): void {
    if (!this.#active) return;
    this.#writer.requestSnapshot();
    this.#bind();
  }

  /**
   * Sets a value, or removes it where `value` is `undefined`: in memory at once, durable as soon as `urgency`
   * says.
   */
  append(space: string, id: string, value: string | undefined, urgency: Urgency): void {
    if (this.#closed) return;
    const key = entryKey(space, id);
    if (this.state.get(space, id) === value) {
      // The value is unchanged, but an earlier change of it may have become more urgent.
      if (holdsFrames(urgency)) this.#bindKnown(key);
      return;
    }
    const wasKnown = this.state.has(space, id);
    this.state.apply({ space, id, value });
    if (!this.#active) return;
    this.#pending.add(key, value, wasKnown);
    if (this.#pending.has(key)) this.#schedulePending(key, urgency);
    else this.#flight.releaseIdle();
  }

  /** Changes that are not durable yet: how many, and their approximate size. */
  get backlog(): { changes: number; bytes: number } {
    return this.#pending.backlog;
  }

  /** Half of the bound waits, so nothing more should be received for now. */
  get isFilling(): boolean {
    return this.#pending.isFilling;
  }

  /** @throws AppError STORAGE_UNAVAILABLE where too much waits to be written */
  ensureRoom(): void {
    if (this.#pending.hasRoom) return;
    throw new AppError(
      'STORAGE_UNAVAILABLE',
      'The session’s storage is behind; sending waits until it is back.',
    );
  }

  /**
   * Resolves when there is room for more changes.
   * @throws JournalError JOURNAL_CLOSED
   */
  async whenRoom(): Promise<void> {
    while (!this.#pending.hasRoom) await this.barrier();
  }

  /** The batch that must be durable before a frame that is built now may leave. */
  get bindingBatch(): number {
    return this.#batches.binding;
  }

  isDurable(batch: number): boolean {
    return this.#batches.isDurable(batch);
  }

  /** @throws JournalError JOURNAL_CLOSED */
  whenDurable(batch: number): Promise<void> {
    if (this.#batches.isDurable(batch)) return Promise.resolve();
    if (this.#closed) return Promise.reject(this.#closed);
    const durable = this.#batches.wait(batch);
    this.#schedule.request();
    return durable;
  }

  /** Resolves when everything appended before the call is durable. @throws JournalError JOURNAL_CLOSED */
  barrier(): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closed);
    const { filling, binding } = this.#batches;
    const isEmpty = this.#pending.isEmpty && binding < filling;
    if (!isEmpty) this.#schedule.hurry();
    return this.whenDurable(isEmpty ? filling - 1 : filling);
  }

  /**
   * Resolves when everything appended before the call has become durable or was undone, without causing a
   * write.
   * @throws JournalError JOURNAL_CLOSED
   */
  whenWritten(): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closed);
    const { filling } = this.#batches;
    if (!this.#pending.isEmpty) return this.#batches.lookOn(filling);
    return this.#flight.underWay === undefined ? Promise.resolve() : this.#batches.lookOn(filling - 1);
  }

  /**
   * Stops writing until the next `activate`, and drops what is not durable. Resolves once nothing is under
   * way.
   */
  async deactivate(): Promise<void> {
    this.#active = false;
    await this.#flight.underWay;
    this.#pending.clear();
    this.#batches.unbind();
  }

  /** Writes what is left as a snapshot marked clean, and stops. */
  async close(): Promise<void> {
    if (this.#closed || !this.#active) return this.stop();
    this.#closed = journalClosed();
    await this.#flight.underWay;
    this.#writer.requestSnapshot();
    await this.#writer.commit([], this.state, { clean: true, signal: this.#stopped.signal });
    this.#batches.release(this.#batches.filling);
    this.stop();
  }

  /** Drops what is not durable, and writes nothing more. */
  stop(): void {
    this.#closed ??= journalClosed();
    this.#schedule.stop();
    this.#stopped.abort();
    this.#batches.reject(this.#closed);
    this.#pending.clear();
  }

  #schedulePending(key: string, urgency: Urgency): void {
    this.#schedule.atRest();
    if (urgency === 'binding') this.#bind();
    else if (urgency === 'received') this.#batches.bind();
    else if (urgency === 'soon') {
      this.#pending.urge(key);
      this.#schedule.soon();
    }
  }

  /** Frames wait for the batch being filled, so it is written without waiting for more. */
  #bind(): void {
    this.#batches.bind();
    this.#schedule.hurry();
  }

  /** Frames wait for the batch of this key's last change. */
  #bindKnown(key: string): void {
    if (this.#pending.has(key)) this.#bind();
    else if (this.#flight.underWay !== undefined) this.#batches.bindFlying();
  }
}

const journalClosed = () => new JournalError('JOURNAL_CLOSED', 'The session’s journal is closed.');
