import { deleteSession } from '../../shared/sessions/routes.ts';
import { implement } from '../http/implement.ts';
import { removeSession } from './lifecycle/remove-session.ts';
import { findOwnSession } from './own-session.ts';

export const handler = implement(deleteSession, async ({ caller, params, requestId }, deps) => {
  const session = await findOwnSession(deps, caller, params.sessionId);
  const isPurged = await removeSession(deps, session, requestId);
  const { sessionId } = session;
  return { status: isPurged ? 200 : 202, data: { sessionId, status: 'DELETED' as const } };
});
