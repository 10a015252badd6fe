export interface WriteHealthOptions {
  /** Milliseconds after which a write that has not failed yet counts as a fault. */
  slowMs: number;
  /** Faults no longer matter. */
  isOver(): boolean;
  onFault(error: unknown): void;
  /** Called once after any number of faults. */
  onRecovered(): void;
}

/** Watches whether a journal's writes succeed: tells of every fault, and once of the write that ends them. */
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

  /** Watches a write. Returns the function to call when it has ended, successfully or not. */
  watch(): () => void {
    const slow = setTimeout(() => this.fail(new Error('a write takes long')), this.#options.slowMs);
    return () => clearTimeout(slow);
  }
}
