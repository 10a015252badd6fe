import type { PendingChanges } from './pending-changes.ts';
import type { WriteHealth } from './write-health.ts';
import type { WriteSchedule } from './write-schedule.ts';

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

export interface BatchFlightDeps {
  pending: PendingChanges;
  batches: Batches;
  schedule: WriteSchedule;
  health: WriteHealth;
  /** Resolves once the current values of these keys are durable; fails only where that is out of the question. */
  commit(changed: Iterable<string>): Promise<void>;
  /** What is under way comes to nothing. */
  isStopped(): boolean;
  /** A batch cannot be written, ever. */
  onBroken(): void;
}

/** The batch that is on its way to storage: at most one, and in the order in which they were filled. */
export class BatchFlight {
  readonly #deps: BatchFlightDeps;
  #underWay: Promise<void> | undefined;

  constructor(deps: BatchFlightDeps) {
    this.#deps = deps;
  }

  /** Resolves when it has ended, one way or the other; `undefined` where none is under way. Never rejects. */
  get underWay(): Promise<void> | undefined {
    return this.#underWay;
  }

  /** With what is pending at this moment. Only where none is under way. */
  begin(): void {
    const { batches, schedule } = this.#deps;
    this.#underWay = this.#fly().finally(() => {
      this.#underWay = undefined;
      this.releaseIdle();
      if (batches.isAwaited || schedule.isDue) schedule.request();
    });
  }

  /** Where nothing is left to write, nobody need look on. */
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
      // Encoding failed: nothing of this journal may leave any more, and somebody must see why.
      health.fail(error);
      onBroken();
    } finally {
      ended();
      pending.landed();
    }
  }
}

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
