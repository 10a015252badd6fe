import { type BackOff, backOffMs } from '../../../shared/retry/back-off.ts';

export interface ReconnectPolicy extends BackOff {
  /** A connection that lasted less than this does not count as recovered. */
  stableMs: number;
}

export const DEFAULT_RECONNECT: ReconnectPolicy = { firstMs: 1_000, longestMs: 120_000, stableMs: 60_000 };

export interface TakeBackPolicy extends ReconnectPolicy {
  /**
   * How often in a row a session comes back after another login has taken over, before a person has to look.
   */
  most: number;
}

/** The other login may do the same, so neither may hurry. */
export const DEFAULT_TAKE_BACK: TakeBackPolicy = {
  firstMs: 2_000,
  longestMs: 60_000,
  stableMs: 600_000,
  most: 5,
};

/**
 * The pauses between a session's connections. A brief connection does not reset them: otherwise a server that
 * accepts and drops us at once would be called in a tight loop.
 */
export class ReconnectDelays {
  readonly #policy: ReconnectPolicy;
  readonly #random: () => number;
  #attempts = 0;
  #openedAt: number | undefined;

  constructor(policy: ReconnectPolicy, random: () => number = Math.random) {
    this.#policy = policy;
    this.#random = random;
  }

  /** Since the last connection that lasted. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    this.#attempts += 1;
    return backOffMs(this.#policy, this.#attempts - 1, this.#random);
  }

  opened(now: number = Date.now()): void {
    this.#openedAt = now;
  }

  closed(now: number = Date.now()): void {
    const lasted = this.#openedAt === undefined ? 0 : now - this.#openedAt;
    this.#openedAt = undefined;
    if (lasted >= this.#policy.stableMs) this.#attempts = 0;
  }

  /** A person has asked for a connection, which earlier failures must not delay. */
  reset(): void {
    this.#attempts = 0;
    this.#openedAt = undefined;
  }
}
