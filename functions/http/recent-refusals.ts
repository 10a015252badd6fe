import { createHash } from 'node:crypto';
import type { Caller } from './caller.ts';

export interface Refusal {
  caller: Caller;
  /** Milliseconds since the epoch: until then there is no token in its bucket. */
  until: number;
  headers: Readonly<Record<string, string>>;
}

/** Enough for every tenant that one process hears of within a token's time. */
const MOST = 1_000;
/** Longer than a token takes in any tier: a larger tier, or the end of a key, shows that soon. */
const LONGEST_MS = 1_000;

const keyOf = (authorization: string) => createHash('sha256').update(authorization).digest('base64url');

/**
 * What this process has just refused for its rate, by a digest of the credential. Until the bucket has a token
 * again, some milliseconds later, the same credential is refused without a look at the table: a storm costs its
 * maker's neighbours next to nothing.
 */
export class RecentRefusals {
  readonly #refusals = new Map<string, Refusal>();
  readonly #now: () => number;

  /** @param now in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  of(authorization: string | undefined): Refusal | undefined {
    if (authorization === undefined || this.#refusals.size === 0) return undefined;
    const key = keyOf(authorization);
    const refusal = this.#refusals.get(key);
    if (refusal !== undefined && refusal.until > this.#now()) return refusal;
    this.#refusals.delete(key);
    return undefined;
  }

  remember(authorization: string, refused: { caller: Caller; retryAfterMs: number; headers: object }): void {
    if (this.#refusals.size >= MOST) this.#refusals.clear();
    const { caller, retryAfterMs, headers } = refused;
    const until = this.#now() + Math.min(retryAfterMs, LONGEST_MS);
    this.#refusals.set(keyOf(authorization), { caller, until, headers: { ...headers } });
  }
}
