import { DurableWaiters } from './durable-waiters.ts';

/**
 * A group commit's batches by number, from 1: which one is being filled, up to which they are durable, up to which
 * frames wait for them, and who waits for any. A batch lands after all before it, so one number says it of them all.
 */
export class Batches {
  readonly #waiters = new DurableWaiters();
  /** Those for whose sake nothing is written. */
  readonly #onlookers = new DurableWaiters();
  #filling = 1;
  #durable = 0;
  #binding = 0;

  /** What changes now belongs to it. */
  get filling(): number {
    return this.#filling;
  }

  /** The last that frames wait for: it must be durable before one that is built now may leave. */
  get binding(): number {
    return this.#binding;
  }

  /** Whether somebody waits who is to be written for. */
  get isAwaited(): boolean {
    return !this.#waiters.isEmpty;
  }

  isDurable(batch: number): boolean {
    return batch <= this.#durable;
  }

  /** Frames wait for the batch being filled. */
  bind(): void {
    this.#binding = this.#filling;
  }

  /** Frames wait for the one before it, which is on its way, unless they wait for a later one already. */
  bindFlying(): void {
    this.#binding = Math.max(this.#binding, this.#filling - 1);
  }

  /** Frames wait for nothing: what is not durable has been dropped. */
  unbind(): void {
    this.#binding = this.#durable;
  }

  /** The batch being filled is on its way. Answers its number; the next one fills from here on. */
  depart(): number {
    const batch = this.#filling;
    this.#filling += 1;
    return batch;
  }

  /** It is durable. Whoever waits is told by `release`. */
  land(batch: number): void {
    this.#durable = batch;
  }

  /** Whoever waits for this batch, or for one before it, goes on. */
  release(batch: number): void {
    this.#waiters.release(batch);
    this.releaseOnlookers(batch);
  }

  releaseOnlookers(batch: number): void {
    this.#onlookers.release(batch);
  }

  /** Nothing lands any more. */
  reject(error: Error): void {
    this.#waiters.reject(error);
    this.#onlookers.reject(error);
  }

  /** Resolves with `release`; until then it is written for. @throws as rejected */
  wait(batch: number): Promise<void> {
    return this.#waiters.add(batch);
  }

  /** Likewise, but nothing is written for its sake. @throws as rejected */
  lookOn(batch: number): Promise<void> {
    return this.#onlookers.add(batch);
  }
}
