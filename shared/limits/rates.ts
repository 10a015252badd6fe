import type { Rate } from './token-bucket.ts';

/**
 * Requests by tier: of the account in all, and of each of its keys, so that one runaway integration leaves
 * room for the others. Written for the sender who hurries, not for the one who works: a session's own pacing
 * is far below these.
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
 * Attempts on one account from all addresses that never logged in to it. An address that did is counted by
 * itself only, so strangers who use this up do not keep the owner out.
 */
export const STRANGER_LOGIN_RATE: Rate = { perSecond: 1, burst: 100 };

/** Password resets asked for one address of e-mail: each is a message in someone's mailbox. */
export const RESET_RATE: Rate = { perSecond: 1 / 60, burst: 5 };

export const TIERS = ['BASIC', 'PRO', 'MAX'] as const;

/** How many sessions an account of each tier may have at once. */
export const SESSION_LIMITS: Readonly<Record<(typeof TIERS)[number], number>> = { BASIC: 1, PRO: 5, MAX: 20 };
