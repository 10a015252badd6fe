import { setTimeout as sleep } from 'node:timers/promises';

/** Time as an argument, so that leases and loops can be tested without waiting. */
export interface Clock {
  /** Milliseconds on a clock that never goes back but may stand still while the machine sleeps. */
  monotonicMs(): number;
  /** Milliseconds on the wall clock, which runs on while the machine sleeps but may be set. */
  wallMs(): number;
  /** Resolves after `ms`, or as soon as the signal is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  wait: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};
