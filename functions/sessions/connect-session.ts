import { connectSession } from '../../shared/sessions/routes.ts';
import { implement } from '../http/implement.ts';
import { connect } from './lifecycle/connect.ts';
import { findOwnSession } from './own-session.ts';

export const handler = implement(connectSession, async ({ caller, params, requestId }, deps) => {
  const session = await findOwnSession(deps, caller, params.sessionId);
  const { sessionId, status, desired } = session;
  if (status === 'CONNECTED' && desired === 'connected') return { data: { sessionId, status } };
  return await connect(deps, session, requestId);
});
