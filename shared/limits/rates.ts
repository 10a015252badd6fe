import type { Rate } from './token-bucket.ts';

/**
 * Requests by tier: of the whole account, and of each of its keys, so that one runaway integration leaves
 * room for the others. The rates limit bursts of requests; a session's own pacing is far below them.
 */
export const REQUEST_RATES: Readonly<Record<(typeof TIERS)[number], { account: Rate; key: Rate }>> = {
  BASIC: { account: { perSecond: 50, burst: 300 }, key: { perSecond: 25, burst: 150 } },
  PRO: { account: { perSecond: 100, burst: 600 }, key: { perSecond: 50, burst: 300 } },
  MAX: { account: { perSecond: 250, burst: 1500 }, key: { perSecond: 125, burst: 750 } },
};

/** The public routes of accounts (register, login, refresh, reset), by source address. */
export const ADDRESS_RATE: Rate = { perSecond: 5, burst: 200 };

/** Attempts to log in to one account from one address: 20 at once, then one every three seconds. */
export const LOGIN_RATE: Rate = { perSecond: 1 / 3, burst: 20 };

/**
 * Attempts on one account from all addresses that never logged in to it. An address that did has a limit of
 * its own, so strangers who use this one up do not lock the owner out.
 */
export const STRANGER_LOGIN_RATE: Rate = { perSecond: 1, burst: 100 };

/** Password resets for one e-mail address: each is a mail in somebody's mailbox. */
export const RESET_RATE: Rate = { perSecond: 1 / 60, burst: 5 };

export const TIERS = ['BASIC', 'PRO', 'MAX'] as const;

/** How many sessions an account of each tier may have at once. */
export const SESSION_LIMITS: Readonly<Record<(typeof TIERS)[number], number>> = { BASIC: 1, PRO: 5, MAX: 20 };
