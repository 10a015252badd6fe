export interface WriteScheduleOptions {
  /** After which changes that should not wait for others for long are written. */
  soonMs: number;
  /** After which every change is written that has not found another to ride with. */
  restMs: number;
  /** How long those who are in no hurry wait for more to come. */
  gatherMs: number;
  /** Whether a write may begin now; where not, somebody asks again when it may. */
  mayBegin(): boolean;
  /** Whether something waits that should not wait for long, and whether anything does. */
  isUrged(): boolean;
  isEmpty(): boolean;
  begin(): void;
}

/** Decides when the batch that is being filled is written. */
export class WriteSchedule {
  readonly #options: WriteScheduleOptions;
  #scheduled = false;
  /** Somebody waits for the batch being filled who should not wait for more to come. */
  #hurried = false;
  #isDue = false;
  #gatherTimer: NodeJS.Timeout | undefined;
  #soonTimer: NodeJS.Timeout | undefined;
  #restTimer: NodeJS.Timeout | undefined;

  constructor(options: WriteScheduleOptions) {
    this.#options = options;
  }

  /** What nobody waits for has been there for long enough. */
  get isDue(): boolean {
    return this.#isDue;
  }

  /** A tick later, so that everything one send changes goes out as one object; receipts gather for longer. */
  request(): void {
    if (this.#scheduled || !this.#options.mayBegin()) return;
    this.#scheduled = true;
    if (this.#hurried || this.#isDue) setImmediate(() => this.#begin());
    else this.#gatherTimer = setTimeout(() => this.#begin(), this.#options.gatherMs);
  }

  /** Whoever waits for the batch being filled, now or later, waits for nothing more to come. */
  hurry(): void {
    this.#hurried = true;
    if (this.#gatherTimer === undefined) return;
    clearTimeout(this.#gatherTimer);
    this.#gatherTimer = undefined;
    this.#scheduled = false;
    this.request();
  }

  /** The batch being filled is written within a moment, though nobody waits for it. */
  soon(): void {
    this.#soonTimer ??= setTimeout(() => {
      this.#soonTimer = undefined;
      // What was taken back meanwhile costs no write.
      if (this.#options.isUrged()) this.#fallDue();
    }, this.#options.soonMs).unref();
  }

  /** The batch being filled is written in the end, though nothing follows that it could ride with. */
  atRest(): void {
    this.#restTimer ??= setTimeout(() => {
      this.#restTimer = undefined;
      if (!this.#options.isEmpty()) this.#fallDue();
    }, this.#options.restMs).unref();
  }

  /** The batch is on its way: what follows belongs to the next. */
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
