export interface WriteHealthOptions {
  /** After which a write that has not failed yet counts as a fault. */
  slowMs: number;
  /** Nobody need be told of a fault any more. */
  isOver(): boolean;
  onFault(error: unknown): void;
  /** Once after any number of faults. */
  onRecovered(): void;
}

/** Whether a journal's writes go through: tells of every fault, and once of the write that ends them. */
export class WriteHealth {
  readonly #options: WriteHealthOptions;
  #isFaulty = false;

  constructor(options: WriteHealthOptions) {
    this.#options = options;
  }

  /** A write has failed, or takes long. */
  fail(error: unknown): void {
    if (this.#options.isOver()) return;
    this.#isFaulty = true;
    this.#options.onFault(error);
  }

  /** A write is durable. */
  succeed(): void {
    if (!this.#isFaulty) return;
    this.#isFaulty = false;
    this.#options.onRecovered();
  }

  /** A write begins. Answers the function that says it has ended, one way or the other. */
  watch(): () => void {
    const slow = setTimeout(() => this.fail(new Error('a write takes long')), this.#options.slowMs);
    return () => clearTimeout(slow);
  }
}
