import type { TIERS } from '../../limits/rates.ts';
import type { Pacing } from '../../sessions/settings.ts';

export interface Pace {
  perMinute: number;
  /** How many may leave together after a pause. */
  burst: number;
  /** By how much, of one interval, each may come sooner or later. */
  jitter: number;
}

/** How fast the outbox sends for one session: an account that writes like a machine is soon banned. */
export const PACES: Readonly<Record<(typeof TIERS)[number], Pace>> = {
  BASIC: { perMinute: 20, burst: 3, jitter: 0.4 },
  PRO: { perMinute: 40, burst: 5, jitter: 0.4 },
  MAX: { perMinute: 60, burst: 10, jitter: 0.4 },
};

const JITTER = 0.4;
const MAX_BURST = 10;

/**
 * Of a session that has a pace of its own. The outbox spreads its messages by this, so that they seldom reach the
 * worker too early; the worker counts them together with those that are sent at once, and has the last word.
 */
export function paceOf({ perMinute, jitter = JITTER }: Pacing): Pace {
  return { perMinute, burst: Math.min(MAX_BURST, Math.ceil(perMinute / 10)), jitter };
}

const MINUTE_MS = 60_000;

export type Turn = { allowed: true; nextAt: number } | { allowed: false; at: number };

/**
 * Whether a session may send now, and what to remember of it (the generic cell rate algorithm).
 * @param nextAt what was remembered: when the next would be due at an even pace, in milliseconds
 * @param random from 0 to 1
 */
export function takeTurn(
  { perMinute, burst, jitter }: Pace,
  nextAt: number,
  now: number,
  random: number,
): Turn {
  const interval = MINUTE_MS / perMinute;
  const earliest = nextAt - (burst - 1) * interval;
  if (now < earliest) return { allowed: false, at: earliest };
  return { allowed: true, nextAt: Math.max(now, nextAt) + interval * (1 + jitter * (2 * random - 1)) };
}
