/** What a journal has to write: the keys changed since the last write began, and their approximate size. */
export class PendingChanges {
  readonly #mostBytes: number;
  #changes = new Map<string, { isNew: boolean; sizeBytes: number }>();
  readonly #soon = new Set<string>();
  #sizeBytes = 0;
  #flying = { changes: 0, bytes: 0 };

  /** @param mostBytes of changes that no write has taken yet */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get isEmpty(): boolean {
    return this.#changes.size === 0;
  }

  /** Whether something is to be written soon and has not been undone. */
  get isUrged(): boolean {
    return this.#soon.size > 0;
  }

  /** Whether more changes may wait. */
  get hasRoom(): boolean {
    return this.#sizeBytes <= this.#mostBytes;
  }

  /** Whether half of the bound waits. */
  get isFilling(): boolean {
    return this.#sizeBytes > this.#mostBytes / 2;
  }

  /** Includes what is being written. */
  get backlog(): { changes: number; bytes: number } {
    return {
      changes: this.#changes.size + this.#flying.changes,
      bytes: this.#sizeBytes + this.#flying.bytes,
    };
  }

  has(key: string): boolean {
    return this.#changes.has(key);
  }

  /** @param wasKnown whether there was a value before this change */
  add(key: string, value: string | undefined, wasKnown: boolean): void {
    const waiting = this.#changes.get(key);
    const isNew = waiting?.isNew ?? !wasKnown;
    this.#sizeBytes -= waiting?.sizeBytes ?? 0;
    // The value was never written, so its removal need not be.
    if (value === undefined && isNew) {
      this.#changes.delete(key);
      this.#soon.delete(key);
    } else {
      const sizeBytes = key.length + (value?.length ?? 0);
      this.#changes.set(key, { isNew, sizeBytes });
      this.#sizeBytes += sizeBytes;
    }
  }

  /** Marks a waiting change as one to be written soon. */
  urge(key: string): void {
    this.#soon.add(key);
  }

  /** Takes what is to be written now. */
  take(): Iterable<string> {
    const taken = this.#changes;
    this.#flying = { changes: taken.size, bytes: this.#sizeBytes };
    this.#changes = new Map();
    this.#soon.clear();
    this.#sizeBytes = 0;
    return taken.keys();
  }

  /** The write has ended. */
  landed(): void {
    this.#flying = { changes: 0, bytes: 0 };
  }

  clear(): void {
    this.#changes.clear();
    this.#soon.clear();
    this.#sizeBytes = 0;
  }
}
