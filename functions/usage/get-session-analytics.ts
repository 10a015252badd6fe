import { sessionIdOf } from '../../shared/accounts/session-slot.ts';
import type { SessionItem } from '../../shared/sessions/session-item.ts';
import { getSessionAnalytics } from '../../shared/usage/routes.ts';
import { type Running, summarizeSessions } from '../../shared/usage/summarize.ts';
import { splitByDay } from '../../shared/usage/usage-item.ts';
import { findOwnAccount } from '../accounts/find-account.ts';
import { implement } from '../http/implement.ts';
import { toRange } from './meter-session.ts';

/** Connected time of sessions that are still connected: it is counted when it ends. */
function runningOf(session: SessionItem, now: number): Running {
  const { sessionId, connectedAt } = session;
  return { sessionId, parts: connectedAt === undefined ? [] : splitByDay(Date.parse(connectedAt), now) };
}

export const handler = implement(getSessionAnalytics, async ({ caller, query }, deps) => {
  const account = await findOwnAccount(deps, caller);
  const range = toRange(query, deps.now());
  const [items, sessions] = await Promise.all([
    deps.stores.usage.list(account.userId, range),
    deps.stores.sessions.getMany([...account.sessionIds].map(sessionIdOf)),
  ]);
  const isAsked = ({ sessionId }: { sessionId: string }) =>
    query.sessionId === undefined || sessionId === query.sessionId;
  const running = sessions
    .filter(({ userId, deletedAt }) => userId === account.userId && deletedAt === undefined)
    .map((session) => runningOf(session, deps.now()));
  return { data: summarizeSessions(items.filter(isAsked), running.filter(isAsked), range) };
});
