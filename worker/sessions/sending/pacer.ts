import { LRUCache } from 'lru-cache';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Pacing } from '../../../shared/sessions/settings.ts';

const WINDOW_MS = 60_000;
/** Ids that have had their turn: more than the highest pace sends in the time that a repeat may take. */
const MAX_REMEMBERED = 2_000;
/** The highest pace there is. */
const MAX_COUNTED = 600;

/**
 * A session's one pace, for synchronous sends and the outbox alike: at most N in any 60 s. Without a pace it
 * only counts, so that a pace that is set later knows what was just sent. What was sent is remembered in
 * memory only: a session that comes back after a restart or a move is taken to have sent at its even pace
 * until then, so turns come free one by one and it never begins with a burst of N.
 */
export class Pacer {
  readonly #now: () => number;
  readonly #turns = new LRUCache<string, true>({ max: MAX_REMEMBERED });
  #sentAt: number[] = [];
  #pacing: Pacing | null = null;
  #begun = false;
  /** When the session came back, in milliseconds. */
  #resumedAt: number | undefined;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  set(pacing: Pacing | null): void {
    this.#pacing = pacing;
  }

  /**
   * Called once, when the session's state has been read: tells whether it may have sent in another process
   * just now.
   */
  begin(comesBack: boolean): void {
    if (this.#begun) return;
    this.#begun = true;
    if (comesBack) this.#resumedAt = this.#now();
  }

  /**
   * Takes a turn for a message; a repeated call for the same one takes none.
   * @throws AppError RATE_LIMITED with the time until the next turn
   */
  take(messageId: string | undefined): void {
    if (messageId !== undefined && this.#turns.has(messageId)) return;
    const now = this.#now();
    this.#sentAt = this.#sentAt.filter((at) => at + WINDOW_MS > now).slice(-MAX_COUNTED);
    if (this.#pacing !== null) this.#refuseAbove(this.#pacing.perMinute, now);
    this.#sentAt.push(now);
    if (messageId !== undefined) this.#turns.set(messageId, true);
  }

  #refuseAbove(perMinute: number, now: number): void {
    const freeAt = [...this.#sentAt.map((at) => at + WINDOW_MS), ...this.#carriedUntil(perMinute, now)];
    const next = freeAt.toSorted((a, b) => a - b)[freeAt.length - perMinute];
    if (next === undefined) return;
    const retryAfterS = Math.max(1, Math.ceil((next - now) / 1000));
    const pace = perMinute === 1 ? 'one message' : `${perMinute} messages`;
    throw new AppError(
      'RATE_LIMITED',
      `This session sends at most ${pace} a minute. Try again in ${retryAfterS} s, or send it with "async": true.`,
      { retryAfterS },
    );
  }

  /** When the turns come free that an earlier process is taken to have used. */
  #carriedUntil(perMinute: number, now: number): number[] {
    const start = this.#resumedAt;
    if (start === undefined || now - start >= WINDOW_MS) return [];
    const interval = WINDOW_MS / perMinute;
    const turns = Array.from({ length: perMinute }, (_, index) => start + (index + 1) * interval);
    return turns.filter((at) => at > now);
  }
}
