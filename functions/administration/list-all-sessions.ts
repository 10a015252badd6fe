import { listAllSessions } from '../../shared/administration/routes.ts';
import { fromCursor, paginationOf } from '../../shared/contract/cursor.ts';
import { type SessionItem, toSession } from '../../shared/sessions/session-item.ts';
import { implement } from '../http/implement.ts';
import { pageOfSessions } from './moves/page-of-sessions.ts';

const toAdminSession = (session: SessionItem) => ({
  ...toSession(session),
  userId: session.userId,
  workerId: session.workerId ?? null,
  epoch: session.epoch,
});

export const handler = implement(listAllSessions, async ({ query }, deps) => {
  const { limit, status, workerId } = query;
  const after = fromCursor('sessions', query.cursor);
  const isAsked = (session: SessionItem) => status === undefined || session.status === status;
  const { sessions, next } = await pageOfSessions(deps, { limit, after, workerId, isAsked });
  return {
    data: { sessions: sessions.map(toAdminSession), pagination: paginationOf('sessions', query, next) },
  };
});
