import { createHash } from 'node:crypto';
import type { Caller } from './caller.ts';

export interface Refusal {
  caller: Caller;
  /** Milliseconds since the epoch; its bucket has no token before then. */
  until: number;
  headers: Readonly<Record<string, string>>;
}

/** Enough for every tenant that one process meets while a bucket refills. */
const MOST = 1_000;
/**
 * Longer than any tier's bucket needs for a token, and short enough that a new tier or a revoked key shows
 * soon.
 */
const LONGEST_MS = 1_000;

const keyOf = (token: string) => createHash('sha256').update(token).digest('base64url');

/**
 * Refusals of the last moments in this process, by a digest of the credential. The same credential is refused
 * again without reading the table until its bucket has a token, so a storm of requests costs other tenants
 * next to nothing.
 */
export class RecentRefusals {
  readonly #refusals = new Map<string, Refusal>();
  readonly #now: () => number;

  /** @param now in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  of(token: string | undefined): Refusal | undefined {
    if (token === undefined || this.#refusals.size === 0) return undefined;
    const key = keyOf(token);
    const refusal = this.#refusals.get(key);
    if (refusal !== undefined && refusal.until > this.#now()) return refusal;
    this.#refusals.delete(key);
    return undefined;
  }

  remember(token: string, refused: { caller: Caller; retryAfterMs: number; headers: object }): void {
    if (this.#refusals.size >= MOST) this.#refusals.clear();
    const { caller, retryAfterMs, headers } = refused;
    const until = this.#now() + Math.min(retryAfterMs, LONGEST_MS);
    this.#refusals.set(keyOf(token), { caller, until, headers: { ...headers } });
  }
}
