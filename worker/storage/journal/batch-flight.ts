import type { Batches } from './batches.ts';
import type { PendingChanges } from './pending-changes.ts';
import type { WriteHealth } from './write-health.ts';
import type { WriteSchedule } from './write-schedule.ts';

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
