import type { DayRange } from '../../shared/usage/store.ts';
import { dayOf } from '../../shared/usage/usage-item.ts';

const DEFAULT_DAYS = 30;
const MAX_DAYS = 92;
const DAY_MS = 86_400_000;

/** The days asked for; the last 30 where left out, never more than 92. `now` is in milliseconds. */
export function toRange(
  asked: { from?: string | undefined; to?: string | undefined },
  now: number,
): DayRange {
  const to = asked.to ?? dayOf(Math.max(now, Date.parse(asked.from ?? dayOf(now))));
  const from = asked.from ?? dayOf(Date.parse(to) - (DEFAULT_DAYS - 1) * DAY_MS);
  const earliest = dayOf(Date.parse(to) - (MAX_DAYS - 1) * DAY_MS);
  return { from: from < earliest ? earliest : from, to };
}
