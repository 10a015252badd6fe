import type { Clock } from '../../../worker/control-plane/clock.ts';

interface Waiter {
  dueMs: number;
  resolve: () => void;
}

/** Time that passes only when a test says so. */
export class FakeClock implements Clock {
  #nowMs = 1000;
  #wallOffsetMs = 0;
  readonly #waiters = new Set<Waiter>();
  #onWait: ((ms: number) => void)[] = [];

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || ms <= 0) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiter = { dueMs: this.#nowMs + ms, resolve };
    this.#waiters.add(waiter);
    signal.addEventListener('abort', () => resolve(), { once: true });
    for (const listener of this.#onWait.splice(0)) listener(ms);
    return promise.finally(() => this.#waiters.delete(waiter));
  }

  /** The length of the next wait that begins after this call. */
  nextWait(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#onWait.push(resolve);
    return promise;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    for (const { dueMs, resolve } of this.#waiters) if (dueMs <= this.#nowMs) resolve();
  }

  /** The machine slept: only the wall clock went on. */
  sleepThrough(ms: number): void {
    this.#wallOffsetMs += ms;
  }
}
