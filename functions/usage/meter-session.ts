import type { SessionItem } from '../../shared/sessions/session-item.ts';
import type { DayRange } from '../../shared/usage/store.ts';
import { dayOf, splitByDay } from '../../shared/usage/usage-item.ts';
import type { Deps } from '../deps.ts';

/**
 * Counts a session's connected time when it ends. The report that connects a session sets `connectedAt`, and
 * whoever removes it, by one conditional write, counts the time since. Time in which a lost worker's session
 * came back counts as connected.
 */
export async function meterSession(deps: Deps, before: SessionItem, after: SessionItem): Promise<void> {
  const { userId, sessionId, connectedAt, status } = after;
  if (connectedAt === undefined) return;
  const { sessions, usage } = deps.stores;
  try {
    if (status === 'CONNECTED') {
      if (before.connectedAt === undefined)
        await usage.countConnect(userId, sessionId, Date.parse(connectedAt));
      return;
    }
    // A session that reconnects by itself stays connected for the meter.
    if (status === 'RECONNECTING') return;
    if (await sessions.endConnectedTime(sessionId, connectedAt))
      await usage.addConnectedTime(userId, sessionId, splitByDay(Date.parse(connectedAt), deps.now()));
  } catch (error) {
    deps.log.warn({ err: error, sessionId }, 'connected time was not counted');
  }
}

const DEFAULT_DAYS = 30;
const MAX_DAYS = 92;
const DAY_MS = 86_400_000;

/** The days asked for: the last 30 by default, at most 92. `now` is in milliseconds. */
export function toRange(
  asked: { from?: string | undefined; to?: string | undefined },
  now: number,
): DayRange {
  const to = asked.to ?? dayOf(Math.max(now, Date.parse(asked.from ?? dayOf(now))));
  const from = asked.from ?? dayOf(Date.parse(to) - (DEFAULT_DAYS - 1) * DAY_MS);
  const earliest = dayOf(Date.parse(to) - (MAX_DAYS - 1) * DAY_MS);
  return { from: from < earliest ? earliest : from, to };
}
