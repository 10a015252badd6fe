/** Runs work under the locks of all its keys, first come first served per key. */
export class KeyedLocks {
  readonly #tails = new Map<string, Promise<void>>();

  async run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    let release: () => void = () => undefined;
    const done = new Promise<void>((resolve) => {
      release = resolve;
    });
    const before: Promise<void>[] = [];
    const own: [string, Promise<void>][] = [];
    // Every key is queued for in one synchronous step, so two callers can never wait for each other.
    for (const key of new Set(keys)) {
      const tail = this.#tails.get(key) ?? Promise.resolve();
      before.push(tail);
      const next = tail.then(() => done);
      own.push([key, next]);
      this.#tails.set(key, next);
    }
    try {
      await Promise.all(before);
      return await work();
    } finally {
      release();
      for (const [key, tail] of own) if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}
