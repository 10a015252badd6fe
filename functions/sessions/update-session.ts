import { updateSession } from '../../shared/sessions/routes.ts';
import { toSession } from '../../shared/sessions/session-item.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession, noSuchSession } from './own-session.ts';

export const handler = implement(updateSession, async ({ caller, params, body }, deps) => {
  const { sessionId } = await findOwnSession(deps, caller, params.sessionId);
  const described = await deps.stores.sessions.describe(sessionId, body);
  if (described === undefined) throw noSuchSession();
  return { data: toSession(described) };
});
