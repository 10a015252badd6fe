/** A map that forgets its oldest entries. */
export class RecentMap<V> {
  readonly #entries = new Map<string, V>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#limit) return;
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }

  values(): IterableIterator<V> {
    return this.#entries.values();
  }

  /** The newest entries. */
  latest(count: number): Map<string, V> {
    return new Map([...this.#entries].slice(-count));
  }

  restore(entries: Map<string, V>): void {
    for (const [key, value] of entries) this.set(key, value);
  }
}
