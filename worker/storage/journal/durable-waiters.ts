/** Those who wait for batches to become durable, in any order. */
export class DurableWaiters {
  #waiting: { batch: number; resolve(): void; reject(error: Error): void }[] = [];

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  add(batch: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ batch, resolve, reject });
    return promise;
  }

  /** Everything up to this batch is durable. */
  release(batch: number): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((waiter) => waiter.batch > batch);
    for (const waiter of waiting) if (waiter.batch <= batch) waiter.resolve();
  }

  reject(error: Error): void {
    for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
  }
}
