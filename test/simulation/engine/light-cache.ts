interface Entry<V> {
  value: V;
  until: number;
}

/**
 * As `lru-cache`, as far as the product uses it, without setting aside memory for every entry there may ever be: a
 * history makes thousands of caches and puts a handful of things into each.
 */
export class LRUCache<K, V> {
  readonly #max: number;
  readonly #ttlMs: number;
  /** The least recently used first. */
  readonly #entries = new Map<K, Entry<V>>();

  constructor({ max, ttl = Number.POSITIVE_INFINITY }: { max: number; ttl?: number }) {
    this.#max = max;
    this.#ttlMs = ttl;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: K): boolean {
    return this.peek(key) !== undefined;
  }

  peek(key: K): V | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined || entry.until <= performance.now() ? undefined : entry.value;
  }

  get(key: K): V | undefined {
    const value = this.peek(key);
    const entry = this.#entries.get(key);
    if (value === undefined || entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return value;
  }

  set(key: K, value: V): this {
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: performance.now() + this.#ttlMs });
    if (this.#entries.size > this.#max) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    return this;
  }

  delete(key: K): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  /** The most recently used first. */
  *values(): Generator<V> {
    for (const { value } of [...this.#entries.values()].reverse()) yield value;
  }
}
