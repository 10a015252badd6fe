import type { PendingChanges } from './pending-changes.ts';
import type { WriteHealth } from './write-health.ts';
import type { WriteSchedule } from './write-schedule.ts';

/**
 * The batches of a group commit by number, from 1: which one is being filled, up to which they are durable,
 * up to which frames wait for them, and who waits. A batch becomes durable after all batches before it, so
 * one number describes them all.
 */
export class Batches {
  readonly #waiters = new DurableWaiters();
  /** Waiters that must not trigger a write. */
  readonly #onlookers = new DurableWaiters();
  #filling = 1;
  #durable = 0;
  #binding = 0;

  /** The batch that changes belong to now. */
  get filling(): number {
    return this.#filling;
  }

  /** The last batch that frames wait for: it must be durable before a frame that is built now may leave. */
  get binding(): number {
    return this.#binding;
  }

  /** Whether somebody waits for whom a write is due. */
  get isAwaited(): boolean {
    return !this.#waiters.isEmpty;
  }

  isDurable(batch: number): boolean {
    return batch <= this.#durable;
  }

  /** Makes frames wait for the batch being filled. */
  bind(): void {
    this.#binding = this.#filling;
  }

  /** Makes frames wait for the batch that is being written, unless they already wait for a later one. */
  bindFlying(): void {
    this.#binding = Math.max(this.#binding, this.#filling - 1);
  }

  /** Lets frames pass: whatever is not durable has been dropped. */
  unbind(): void {
    this.#binding = this.#durable;
  }

  /**
   * Marks the batch being filled as being written, and returns its number; the next one fills from now on.
   */
  depart(): number {
    const batch = this.#filling;
    this.#filling += 1;
    return batch;
  }

  /** Marks a batch as durable; `release` tells its waiters. */
  land(batch: number): void {
    this.#durable = batch;
  }

  /** Resolves everybody who waits for this batch or for one before it. */
  release(batch: number): void {
    this.#waiters.release(batch);
    this.releaseOnlookers(batch);
  }

  releaseOnlookers(batch: number): void {
    this.#onlookers.release(batch);
  }

  /** Fails everybody: no batch becomes durable any more. */
  reject(error: Error): void {
    this.#waiters.reject(error);
    this.#onlookers.reject(error);
  }

  /**
   * Resolves with `release`, and has the batch written.
   * @throws as rejected
   */
  wait(batch: number): Promise<void> {
    return this.#waiters.add(batch);
  }

  /**
   * Resolves with `release` without causing a write.
   * @throws as rejected
   */
  lookOn(batch: number): Promise<void> {
    return this.#onlookers.add(batch);
  }
}

export interface BatchFlightDeps {
  pending: PendingChanges;
  batches: Batches;
  schedule: WriteSchedule;
  health: WriteHealth;
  /** Resolves once the current values of these keys are durable; fails only where that is impossible. */
  commit(changed: Iterable<string>): Promise<void>;
  /** The outcome of what is under way does not matter any more. */
  isStopped(): boolean;
  /** Called when a batch can never be written. */
  onBroken(): void;
}

/** Writes batches to storage: at most one at a time, in the order in which they were filled. */
export class BatchFlight {
  readonly #deps: BatchFlightDeps;
  #underWay: Promise<void> | undefined;

  constructor(deps: BatchFlightDeps) {
    this.#deps = deps;
  }

  /** Resolves when it has ended, successfully or not; `undefined` where none is under way. Never rejects. */
  get underWay(): Promise<void> | undefined {
    return this.#underWay;
  }

  /** Starts a write of what is pending now. Called only where none is under way. */
  begin(): void {
    const { batches, schedule } = this.#deps;
    this.#underWay = this.#fly().finally(() => {
      this.#underWay = undefined;
      this.releaseIdle();
      if (batches.isAwaited || schedule.isDue) schedule.request();
    });
  }

  /** Where nothing is left to write, passive waiters are released. */
  releaseIdle(): void {
    const { pending, batches } = this.#deps;
    if (this.#underWay === undefined && pending.isEmpty) batches.releaseOnlookers(batches.filling);
  }

  async #fly(): Promise<void> {
    const { pending, batches, schedule, health, commit, isStopped, onBroken } = this.#deps;
    const changed = pending.take();
    const batch = batches.depart();
    schedule.restart();
    const ended = health.watch();
    try {
      await commit(changed);
      batches.land(batch);
      health.succeed();
      batches.release(batch);
    } catch (error) {
      if (isStopped()) return;
      // Encoding failed: no frame of this journal may leave any more, and the reason must be visible.
      health.fail(error);
      onBroken();
    } finally {
      ended();
      pending.landed();
    }
  }
}

/** Waiters for batches to become durable, in any order. */
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

  /** Resolves the waiters of every batch up to this one. */
  release(batch: number): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((waiter) => waiter.batch > batch);
    for (const waiter of waiting) if (waiter.batch <= batch) waiter.resolve();
  }

  reject(error: Error): void {
    for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
  }
}
