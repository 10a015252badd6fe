import { getSession } from '../../shared/sessions/routes.ts';
import { toSession } from '../../shared/sessions/session-item.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession } from './own-session.ts';

export const handler = implement(getSession, async ({ caller, params }, deps) => ({
  data: toSession(await findOwnSession(deps, caller, params.sessionId)),
}));
