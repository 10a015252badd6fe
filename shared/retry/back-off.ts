import { setTimeout as sleep } from 'node:timers/promises';

export interface BackOff {
  firstMs: number;
  longestMs: number;
}

/** Doubles with each attempt (counted from 0), and takes between half and all of that, at random. */
export function backOffMs({ firstMs, longestMs }: BackOff, attempt: number): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 30));
  return ceiling * (0.5 + Math.random() / 2);
}

/** @throws AbortError where the signal ends the wait. */
export async function waitBackOff(backOff: BackOff, attempt: number, signal?: AbortSignal): Promise<void> {
  await sleep(backOffMs(backOff, attempt), undefined, signal ? { signal, ref: false } : { ref: false });
}
