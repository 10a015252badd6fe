import { getSession } from '../../shared/sessions/routes.ts';
import { implement } from '../http/implement.ts';
import { presentSession } from './confirm-sessions.ts';
import { findOwnSession } from './own-session.ts';

export const handler = implement(getSession, async ({ caller, params }, deps) => ({
  data: await presentSession(deps, await findOwnSession(deps, caller, params.sessionId)),
}));
