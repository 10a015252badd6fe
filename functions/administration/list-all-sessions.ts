import { listAllSessions } from '../../shared/administration/routes.ts';
import { fromCursor, paginationOf } from '../../shared/contract/cursor.ts';
import type { Session } from '../../shared/sessions/schema.ts';
import type { SessionItem } from '../../shared/sessions/session-item.ts';
import { implement } from '../http/implement.ts';
import { presentSessions } from '../sessions/confirm-sessions.ts';
import { pageOfSessions } from './moves/page-of-sessions.ts';

const toAdminSession = (session: SessionItem, shown: Session) => ({
  ...shown,
  userId: session.userId,
  workerId: session.workerId ?? null,
  epoch: session.epoch,
});

export const handler = implement(listAllSessions, async ({ query }, deps) => {
  const { limit, status, workerId } = query;
  const after = fromCursor('sessions', query.cursor);
  const isAsked = (session: SessionItem) => status === undefined || session.status === status;
  const { sessions, next } = await pageOfSessions(deps, { limit, after, workerId, isAsked });
  const shown = await presentSessions(deps, sessions);
  const asAdmin = sessions.flatMap((session, index) => {
    const each = shown[index];
    return each === undefined ? [] : [toAdminSession(session, each)];
  });
  return {
    data: { sessions: asAdmin, pagination: paginationOf('sessions', query, next) },
  };
});
