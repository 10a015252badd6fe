import * as z from 'zod';

const count = z.number().default(0);

/** What one session did on one day in UTC; counts by type and by status stand beside these, by prefix. */
export const UsageItem = z.looseObject({
  day: z.iso.date(),
  sessionId: z.string(),
  sent: count,
  received: count,
  connectedSeconds: count,
  connects: count,
});
export type UsageItem = z.infer<typeof UsageItem>;

export const BY_TYPE = 'type#';
export const BY_STATUS = 'status#';

/** The counts under a prefix, by the rest of their names. */
export function countsOf(item: UsageItem, prefix: typeof BY_TYPE | typeof BY_STATUS): Map<string, number> {
  const counts = Object.entries(item).filter(
    (entry): entry is [string, number] => entry[0].startsWith(prefix) && typeof entry[1] === 'number',
  );
  return new Map(counts.map(([name, value]) => [name.slice(prefix.length), value]));
}

const DAY_MS = 86_400_000;

/** `2026-11-21`, in UTC. */
export const dayOf = (timeMs: number) => new Date(timeMs).toISOString().slice(0, 10);

/** Every day from the first to the last, both included. */
export function daysBetween(from: string, to: string): string[] {
  const length = Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;
  return Array.from({ length: Math.max(0, length) }, (_, index) => dayOf(Date.parse(from) + index * DAY_MS));
}

/** Splits a period by days, in whole seconds; milliseconds since the epoch. */
export function splitByDay(fromMs: number, toMs: number): { day: string; seconds: number }[] {
  if (toMs <= fromMs) return [];
  return daysBetween(dayOf(fromMs), dayOf(toMs))
    .map((day) => {
      const start = Math.max(fromMs, Date.parse(day));
      const end = Math.min(toMs, Date.parse(day) + DAY_MS);
      return { day, seconds: Math.round((end - start) / 1000) };
    })
    .filter(({ seconds }) => seconds > 0);
}
