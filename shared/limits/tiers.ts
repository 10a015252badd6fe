export const TIERS = ['BASIC', 'PRO', 'MAX'] as const;

/** How many sessions an account of each tier may have at once. */
export const SESSION_LIMITS: Readonly<Record<(typeof TIERS)[number], number>> = { BASIC: 1, PRO: 5, MAX: 20 };
