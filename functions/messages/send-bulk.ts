import { sendBulk } from '../../shared/messages/outbox/routes.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession } from '../sessions/own-session.ts';
import { acceptMessages } from './outbox/accept-messages.ts';
import { resolveMedia } from './sending/resolve-media.ts';

export const handler = implement(sendBulk, async ({ caller, params, body, seed }, deps) => {
  const session = await findOwnSession(deps, caller, params.sessionId);
  const messages = await Promise.all(body.messages.map((message) => resolveMedia(deps, session, message)));
  const accepted = await acceptMessages(deps, session, messages, { seed, list: 'messages' });
  return { data: { messages: accepted } };
});
