/** A rate: steadily `perSecond`, and `burst` at once after a pause. */
export interface Rate {
  perSecond: number;
  burst: number;
}

/**
 * A token bucket as one number (the generic cell rate algorithm): its level is the time, in milliseconds
 * since the epoch, at which it is full again. A level in the past is a full bucket, so an idle one needs no
 * upkeep; each request moves the level on by one interval. Levels only rise, so a remembered one is a lower
 * bound.
 */
export type Level = number | undefined;

/** Whole milliseconds, so that sums stay exact in the data store. */
export const intervalMs = ({ perSecond }: Rate) => Math.ceil(1000 / perSecond);

const span = (rate: Rate) => (rate.burst - 1) * intervalMs(rate);

/** The highest level at which another request is allowed. */
export const highestLevel = (rate: Rate, now: number) => now + span(rate);

export function isFull(level: Level, now: number): boolean {
  return level === undefined || level <= now;
}

export function mayTake(level: Level, rate: Rate, now: number): boolean {
  return isFull(level, now) || (level ?? 0) <= highestLevel(rate, now);
}

/** Milliseconds until the next request is allowed; 0 where it is allowed now. */
export function waitMs(level: Level, rate: Rate, now: number): number {
  return mayTake(level, rate, now) ? 0 : (level ?? 0) - highestLevel(rate, now);
}

/** Requests left after the last one. */
export function remaining(level: Level, rate: Rate, now: number): number {
  if (isFull(level, now)) return rate.burst;
  const free = now + rate.burst * intervalMs(rate) - (level ?? 0);
  return Math.max(0, Math.floor(free / intervalMs(rate)));
}
