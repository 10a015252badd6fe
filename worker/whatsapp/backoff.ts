export interface BackoffSettings {
  baseMs: number;
  maxMs: number;
  /** A connection that lasted less than this does not count as recovered. */
  stableMs: number;
}

export const DEFAULT_BACKOFF: BackoffSettings = { baseMs: 1_000, maxMs: 120_000, stableMs: 60_000 };

/**
 * Exponential delays with full jitter. A brief success does not start the series anew: a server that
 * accepts and drops us again at once would otherwise be called in a tight loop.
 */
export class Backoff {
  readonly #settings: BackoffSettings;
  readonly #random: () => number;
  #attempt = 0;
  #openedAt: number | undefined;

  constructor(settings: BackoffSettings = DEFAULT_BACKOFF, random: () => number = Math.random) {
    this.#settings = settings;
    this.#random = random;
  }

  get attempt(): number {
    return this.#attempt;
  }

  /** Milliseconds to wait before the next attempt: between half and all of the exponential step. */
  next(): number {
    const { baseMs, maxMs } = this.#settings;
    const step = Math.min(maxMs, baseMs * 2 ** Math.min(this.#attempt, 30));
    this.#attempt += 1;
    return Math.round(step * (0.5 + this.#random() / 2));
  }

  opened(now: number = Date.now()): void {
    this.#openedAt = now;
  }

  closed(now: number = Date.now()): void {
    const lasted = this.#openedAt === undefined ? 0 : now - this.#openedAt;
    this.#openedAt = undefined;
    if (lasted >= this.#settings.stableMs) this.#attempt = 0;
  }

  /** A person asked for a connection: their wish is not held up by earlier failures. */
  reset(): void {
    this.#attempt = 0;
    this.#openedAt = undefined;
  }
}
