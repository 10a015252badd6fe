import type { DayRange } from './store.ts';
import { BY_STATUS, BY_TYPE, countsOf, daysBetween, type UsageItem } from './usage-item.ts';

interface Sums {
  sent: number;
  received: number;
}

function sum(items: readonly UsageItem[]): Sums {
  return items.reduce<Sums>(
    (all, { sent, received }) => ({ sent: all.sent + sent, received: all.received + received }),
    { sent: 0, received: 0 },
  );
}

function sumCounts(items: readonly UsageItem[], prefix: typeof BY_TYPE | typeof BY_STATUS) {
  const sums: Record<string, number> = {};
  for (const item of items)
    for (const [name, value] of countsOf(item, prefix)) sums[name] = (sums[name] ?? 0) + value;
  return sums;
}

export function messagesByDay(items: readonly UsageItem[], { from, to }: DayRange) {
  const byDay = Map.groupBy(items, ({ day }) => day);
  return daysBetween(from, to).map((day) => {
    const { sent, received } = sum(byDay.get(day) ?? []);
    return { day, sent, received };
  });
}

export function summarizeMessages(items: readonly UsageItem[], range: DayRange) {
  const bySession = [...Map.groupBy(items, ({ sessionId }) => sessionId)];
  return {
    from: range.from,
    to: range.to,
    totals: sum(items),
    byDay: messagesByDay(items, range),
    bySession: bySession
      .map(([sessionId, own]) => {
        const { sent, received } = sum(own);
        return { sessionId, sent, received };
      })
      .filter(({ sent, received }) => sent + received > 0),
    byType: sumCounts(items, BY_TYPE),
    byStatus: sumCounts(items, BY_STATUS),
  };
}

/** Connected time of a session that is still connected, which is not counted yet. */
export interface Running {
  sessionId: string;
  parts: readonly { day: string; seconds: number }[];
}

export function summarizeSessions(items: readonly UsageItem[], running: readonly Running[], range: DayRange) {
  const { from, to } = range;
  const bySession = new Map<string, { connects: number; seconds: Map<string, number> }>();
  const entryOf = (sessionId: string) => {
    const entry = bySession.get(sessionId) ?? { connects: 0, seconds: new Map<string, number>() };
    bySession.set(sessionId, entry);
    return entry;
  };
  const add = (sessionId: string, day: string, seconds: number) => {
    if (day < from || day > to || seconds === 0) return;
    const entry = entryOf(sessionId);
    entry.seconds.set(day, (entry.seconds.get(day) ?? 0) + seconds);
  };
  for (const { sessionId, day, connectedSeconds, connects } of items) {
    add(sessionId, day, connectedSeconds);
    if (connects > 0) entryOf(sessionId).connects += connects;
  }
  for (const { sessionId, parts } of running)
    for (const { day, seconds } of parts) add(sessionId, day, seconds);
  return {
    from,
    to,
    sessions: [...bySession].map(([sessionId, { connects, seconds }]) => ({
      sessionId,
      connectedSeconds: [...seconds.values()].reduce((all, each) => all + each, 0),
      connects,
      byDay: [...seconds]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([day, connectedSeconds]) => ({ day, connectedSeconds })),
    })),
  };
}
