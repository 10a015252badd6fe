import { setTimeout as sleep } from 'node:timers/promises';
import { type BackOff, backOffMs } from './back-off.ts';

/** @throws AbortError where the signal ends the wait. */
export async function waitBackOff(backOff: BackOff, attempt: number, signal?: AbortSignal): Promise<void> {
  await sleep(backOffMs(backOff, attempt), undefined, signal ? { signal, ref: false } : { ref: false });
}
