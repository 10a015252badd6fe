import type { LeaseView } from '../sessions/ports.ts';
import type { Clock } from './clock.ts';

/** A moment on both clocks. */
export interface Stamp {
  monotonicMs: number;
  wallMs: number;
}

/**
 * The right to act for sessions, until `ttlMs` after the *sending* of the last acknowledged heartbeat, or of the
 * last write into the bucket that took its place (`extend-lease.ts`). The control plane counts from its arrival, which is later: so the worker has always let go before anyone else
 * may take over. Whichever of the two clocks has run further counts, so a laptop that slept holds nothing.
 */
export class Lease implements LeaseView {
  readonly #clock: Clock;
  #sentAt: Stamp | undefined;
  #ttlMs = 0;
  #generation: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Taken before a heartbeat is sent, handed to `grant` once it is acknowledged. */
  stamp(): Stamp {
    return { monotonicMs: this.#clock.monotonicMs(), wallMs: this.#clock.wallMs() };
  }

  /** Of the registration that it belongs to: orders name the one they were given for. */
  get generation(): number | undefined {
    return this.#generation;
  }

  grant(sentAt: Stamp, ttlMs: number, generation = this.#generation): void {
    this.#sentAt = sentAt;
    this.#ttlMs = ttlMs;
    this.#generation = generation;
  }

  /** Grants only what is still held: an acknowledgement that comes too late is worth nothing. */
  extend(sentAt: Stamp, ttlMs: number): boolean {
    if (!this.isHeld()) return false;
    this.grant(sentAt, ttlMs);
    return true;
  }

  end(): void {
    this.#sentAt = undefined;
  }

  remainingMs(): number {
    if (this.#sentAt === undefined) return 0;
    const now = this.stamp();
    const elapsedMs = Math.max(now.monotonicMs - this.#sentAt.monotonicMs, now.wallMs - this.#sentAt.wallMs);
    return Math.max(0, this.#ttlMs - elapsedMs);
  }

  isHeld(): boolean {
    return this.remainingMs() > 0;
  }
}

/** Without a control plane there is nobody who could take a session over. */
export const UNCONTESTED: LeaseView = { isHeld: () => true };
