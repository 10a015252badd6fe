import { restartSession } from '../../shared/sessions/routes.ts';
import { implement } from '../http/implement.ts';
import { restart } from './lifecycle/connect.ts';
import { findOwnSession } from './own-session.ts';

export const handler = implement(restartSession, async ({ caller, params, requestId }, deps) => {
  const session = await findOwnSession(deps, caller, params.sessionId);
  return await restart(deps, session, requestId);
});
