/** After this long, what was counted weighs a third. */
const MEMORY_MS = 600_000;

/** Counts what happens and forgets it slowly, in the space of two numbers. */
export class RecentCount {
  readonly #now: () => number;
  #level = 0;
  #at = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  count(): void {
    this.#level = this.#decayed() + 1;
    this.#at = this.#now();
  }

  level(): number {
    return Math.round(this.#decayed());
  }

  #decayed(): number {
    return this.#level * Math.exp(-Math.max(0, this.#now() - this.#at) / MEMORY_MS);
  }
}
