import { sessionIdOf } from '../../shared/accounts/session-slot.ts';
import { fromCursor, takePage } from '../../shared/contract/cursor.ts';
import { listSessions } from '../../shared/sessions/routes.ts';
import { asTenant } from '../http/caller.ts';
import { implement } from '../http/implement.ts';
import { presentSessions } from './confirm-sessions.ts';

export const handler = implement(listSessions, async ({ caller, query }, deps) => {
  const tenant = asTenant(caller);
  const { accounts, sessions } = deps.stores;
  const account = await accounts.findByUserId(tenant.userId, tenant.accountKey);
  const ids = [...new Set([...(account?.sessionIds ?? [])].map(sessionIdOf))];
  const reached =
    tenant.kind === 'apiKey' && tenant.sessionId !== undefined
      ? ids.filter((id) => id === tenant.sessionId)
      : ids;

  const after = fromCursor('sessions', query.cursor) ?? '';
  const found = await sessions.getMany(reached.filter((id) => id > after));
  const own = found
    .filter(({ userId, deletedAt }) => userId === tenant.userId && deletedAt === undefined)
    .sort((a, b) => (a.sessionId < b.sessionId ? -1 : 1));
  const { page, pagination } = takePage('sessions', query, own, ({ sessionId }) => sessionId);
  return { data: { sessions: await presentSessions(deps, page), pagination } };
});
