import { sendMessage } from '../../shared/messages/routes.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession } from '../sessions/own-session.ts';
import { acceptOrSend } from './outbox/accept-or-send.ts';

export const handler = implement(sendMessage, async ({ caller, params, body, requestId, seed }, deps) => {
  const session = await findOwnSession(deps, caller, params.sessionId);
  return await acceptOrSend(deps, session, body, { requestId, seed });
});
