import { migrateSession } from '../../shared/administration/routes.ts';
import { implement } from '../http/implement.ts';
import { findVisibleSession } from '../sessions/own-session.ts';
import { migrate } from './moves/migrate.ts';

export const handler = implement(migrateSession, async ({ caller, params, body, requestId }, deps) => {
  const session = await findVisibleSession(deps, caller, params.sessionId);
  const moved = await migrate(deps, session, { requestId, workerId: body.workerId });
  return { status: 202, data: { sessionId: moved.sessionId, workerId: moved.workerId ?? null } };
});
