export interface WriteScheduleOptions {
  /** Milliseconds after which `soon` changes are written. */
  soonMs: number;
  /** Milliseconds after which every change is written that found no other write to share. */
  restMs: number;
  /** How long patient waiters wait for more changes. */
  gatherMs: number;
  /** Whether a write may begin now; otherwise somebody asks again when it may. */
  mayBegin(): boolean;
  /** Whether a `soon` change waits, and whether any change does. */
  isUrged(): boolean;
  isEmpty(): boolean;
  begin(): void;
}

/** Decides when the batch that is being filled is written. */
export class WriteSchedule {
  readonly #options: WriteScheduleOptions;
  #scheduled = false;
  /** An impatient waiter waits for the batch being filled. */
  #hurried = false;
  #isDue = false;
  #gatherTimer: NodeJS.Timeout | undefined;
  #soonTimer: NodeJS.Timeout | undefined;
  #restTimer: NodeJS.Timeout | undefined;

  constructor(options: WriteScheduleOptions) {
    this.#options = options;
  }

  /** Changes without waiters have waited long enough. */
  get isDue(): boolean {
    return this.#isDue;
  }

  /** Waits a tick, so that everything one send changes is one object; receipts gather for longer. */
  request(): void {
    if (this.#scheduled || !this.#options.mayBegin()) return;
    this.#scheduled = true;
    if (this.#hurried || this.#isDue) setImmediate(() => this.#begin());
    else this.#gatherTimer = setTimeout(() => this.#begin(), this.#options.gatherMs);
  }

  /** Writes the batch being filled without waiting for more changes. */
  hurry(): void {
    this.#hurried = true;
    if (this.#gatherTimer === undefined) return;
    clearTimeout(this.#gatherTimer);
    this.#gatherTimer = undefined;
    this.#scheduled = false;
    this.request();
  }

  /** Writes the batch being filled within a moment, though nobody waits for it. */
  soon(): void {
    this.#soonTimer ??= setTimeout(() => {
      this.#soonTimer = undefined;
      // A change that was undone meanwhile costs no write.
      if (this.#options.isUrged()) this.#fallDue();
    }, this.#options.soonMs).unref();
  }

  /** Writes the batch being filled in the end, even if nothing follows. */
  atRest(): void {
    this.#restTimer ??= setTimeout(() => {
      this.#restTimer = undefined;
      if (!this.#options.isEmpty()) this.#fallDue();
    }, this.#options.restMs).unref();
  }

  /** The batch is being written: what follows belongs to the next. */
  restart(): void {
    clearTimeout(this.#soonTimer);
    clearTimeout(this.#restTimer);
    this.#soonTimer = undefined;
    this.#restTimer = undefined;
    this.#isDue = false;
    this.#hurried = false;
  }

  stop(): void {
    clearTimeout(this.#soonTimer);
    clearTimeout(this.#restTimer);
    clearTimeout(this.#gatherTimer);
  }

  #fallDue(): void {
    this.#isDue = true;
    this.request();
  }

  #begin(): void {
    this.#scheduled = false;
    this.#gatherTimer = undefined;
    if (this.#options.mayBegin()) this.#options.begin();
  }
}
