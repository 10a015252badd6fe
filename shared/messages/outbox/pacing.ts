import type { TIERS } from '../../limits/rates.ts';
import type { Pacing } from '../../sessions/settings.ts';

export interface Pace {
  perMinute: number;
  /** How many may be sent together after a pause. */
  burst: number;
  /** How much sooner or later each may be sent, as a share of one interval. */
  jitter: number;
}

/**
 * How fast the outbox sends for one session, because an account that writes like a machine is soon banned.
 */
export const PACES: Readonly<Record<(typeof TIERS)[number], Pace>> = {
  BASIC: { perMinute: 20, burst: 3, jitter: 0.4 },
  PRO: { perMinute: 40, burst: 5, jitter: 0.4 },
  MAX: { perMinute: 60, burst: 10, jitter: 0.4 },
};

const JITTER = 0.4;
const MAX_BURST = 10;

/**
 * The pace of a session that has one of its own. The outbox spreads its messages by it, so that they seldom
 * reach the worker too early; the worker also counts synchronous sends, and decides.
 */
export function paceOf({ perMinute, jitter = JITTER }: Pacing): Pace {
  return { perMinute, burst: Math.min(MAX_BURST, Math.ceil(perMinute / 10)), jitter };
}

const MINUTE_MS = 60_000;

export type Turn = { allowed: true; nextAt: number } | { allowed: false; at: number };

/**
 * Tells whether a session may send now, and what to store (the generic cell rate algorithm).
 * @param nextAt the stored value: when the next message would be due at an even pace, in milliseconds
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
