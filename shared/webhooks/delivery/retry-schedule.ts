const S = 1_000;
const MINUTE = 60 * S;
const HOUR = 60 * MINUTE;

/** Pauses after each failed attempt: twelve attempts over a day. */
export const RETRY_DELAYS_MS: readonly number[] = [
  5 * S,
  30 * S,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  5 * HOUR,
  5 * HOUR,
  6 * HOUR,
];

/** A fifth more or less, so that deliveries that failed together do not return together. */
const JITTER = 0.2;
/** The longest pause that a receiver can ask for with `retry-after`. */
const MAX_ASKED_MS = 6 * HOUR;

/**
 * Milliseconds until the attempt after failure number `failures` (1 for the first); `undefined` where the
 * schedule has ended.
 * @param random from 0 to 1
 */
export function nextDelayMs(failures: number, random: number, askedMs = 0): number | undefined {
  const delay = RETRY_DELAYS_MS[failures - 1];
  if (delay === undefined) return undefined;
  return Math.round(Math.max(delay * (1 + JITTER * (2 * random - 1)), Math.min(askedMs, MAX_ASKED_MS)));
}

/** An endpoint without one success for this long is switched off. */
export const SWITCH_OFF_AFTER_MS = 3 * 24 * HOUR;
