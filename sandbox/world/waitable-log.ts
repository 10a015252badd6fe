export type LogQuery<T> = {
  matches: (entry: T) => boolean;
  after: number;
  count: number;
  waitMs: number;
};

type Waiter<T> = { query: LogQuery<T>; missing: number; wake: () => void };

/** A bounded list that readers can wait on: the oldest entries go when it is full. */
export class WaitableLog<T extends { seq: number }> {
  #entries: T[] = [];
  #lastSeq = 0;
  readonly #waiters = new Set<Waiter<T>>();

  get lastSeq(): number {
    return this.#lastSeq;
  }

  get entries(): readonly T[] {
    return this.#entries;
  }

  append(entry: Omit<T, 'seq'>, limit: number): T {
    const numbered = { ...entry, seq: ++this.#lastSeq } as T;
    this.#entries.push(numbered);
    // Trimming in blocks keeps the cost of an append constant on average.
    if (this.#entries.length > limit * 1.25) this.#entries = this.#entries.slice(-limit);
    for (const waiter of this.#waiters) {
      if (!waiter.query.matches(numbered)) continue;
      waiter.missing -= 1;
      if (waiter.missing <= 0) waiter.wake();
    }
    return numbered;
  }

  /** Restores what an earlier process had. */
  restore(entries: T[], lastSeq: number): void {
    this.#entries = entries;
    this.#lastSeq = lastSeq;
  }

  /** The matching entries; waits until there are `count`, at most `waitMs`. */
  async read(query: LogQuery<T>): Promise<T[]> {
    const select = () => this.#entries.filter((entry) => entry.seq > query.after && query.matches(entry));
    const found = select();
    if (found.length >= query.count || query.waitMs <= 0) return found;
    await this.#wait(query, query.count - found.length);
    return select();
  }

  #wait(query: LogQuery<T>, missing: number): Promise<void> {
    return new Promise((resolve) => {
      const waiter: Waiter<T> = { query, missing, wake: () => finish() };
      const timer = setTimeout(() => finish(), query.waitMs);
      const finish = () => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve();
      };
      this.#waiters.add(waiter);
    });
  }

  /** Lets everybody who waits go home, for the sandbox is closing. */
  release(): void {
    for (const waiter of this.#waiters) waiter.wake();
  }
}
