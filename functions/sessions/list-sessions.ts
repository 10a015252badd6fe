import { sessionIdOf } from '../../shared/accounts/session-slot.ts';
import { listSessions } from '../../shared/sessions/routes.ts';
import { toSession } from '../../shared/sessions/session-item.ts';
import { asTenant } from '../http/caller.ts';
import { implement } from '../http/implement.ts';

const toCursor = (sessionId: string) => Buffer.from(sessionId).toString('base64url');
const fromCursor = (cursor: string) => Buffer.from(cursor, 'base64url').toString('utf8');

export const handler = implement(listSessions, async ({ caller, query: { limit, cursor } }, deps) => {
  const tenant = asTenant(caller);
  const { accounts, sessions } = deps.stores;
  const account = await accounts.findByUserId(tenant.userId, tenant.accountKey);
  const ids = [...new Set([...(account?.sessionIds ?? [])].map(sessionIdOf))];
  const reached =
    tenant.kind === 'apiKey' && tenant.sessionId !== undefined
      ? ids.filter((id) => id === tenant.sessionId)
      : ids;

  const after = cursor === undefined ? '' : fromCursor(cursor);
  const found = await sessions.getMany(reached.filter((id) => id > after));
  const own = found
    .filter(({ userId, deletedAt }) => userId === tenant.userId && deletedAt === undefined)
    .sort((a, b) => (a.sessionId < b.sessionId ? -1 : 1));
  const page = own.slice(0, limit);
  const hasMore = own.length > limit;
  const last = page.at(-1);
  return {
    data: {
      sessions: page.map(toSession),
      pagination: { limit, cursor: hasMore && last !== undefined ? toCursor(last.sessionId) : null, hasMore },
    },
  };
});
