import { listMessages } from '../../shared/messages/history/routes.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession } from '../sessions/own-session.ts';
import { readMessages } from './read-messages.ts';

export const handler = implement(listMessages, async ({ caller, params, query, requestId }, deps) => {
  const session = await findOwnSession(deps, caller, params.sessionId);
  return { data: await readMessages(deps, session, query, requestId) };
});
