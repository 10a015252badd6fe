import { disconnectSession } from '../../shared/sessions/routes.ts';
import { implement } from '../http/implement.ts';
import { disconnect } from './lifecycle/disconnect.ts';
import { findOwnSession } from './own-session.ts';

export const handler = implement(disconnectSession, async ({ caller, params, requestId }, deps) => {
  const session = await findOwnSession(deps, caller, params.sessionId);
  return await disconnect(deps, session, requestId);
});
