import { setTimeout as sleep } from 'node:timers/promises';

/** In milliseconds. */
export interface BackOff {
  firstMs: number;
  longestMs: number;
}

/**
 * How long to wait after a failed attempt, counted from 0: twice as long each time, up to a bound. The second
 * half of each wait is random, so that callers that failed together do not return together.
 */
export function backOffMs(
  { firstMs, longestMs }: BackOff,
  attempt: number,
  random: () => number = Math.random,
): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(ceiling * (0.5 + random() / 2));
}

/** @throws AbortError where the signal ends the wait. */
export async function waitBackOff(backOff: BackOff, attempt: number, signal?: AbortSignal): Promise<void> {
  await sleep(backOffMs(backOff, attempt), undefined, signal ? { signal, ref: false } : { ref: false });
}
