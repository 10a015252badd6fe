import { editMessage } from '../../shared/messages/routes.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession } from '../sessions/own-session.ts';
import { sendThrough } from './send.ts';
import { findTargetChat } from './target-chat.ts';

export const handler = implement(editMessage, async ({ caller, params, body, requestId, seed }, deps) => {
  const session = await findOwnSession(deps, caller, params.sessionId);
  const { to } = await findTargetChat(deps, session.sessionId, params.messageId, body.to);
  const about = { to, type: 'edit' };
  // Whether it may still be edited is the worker's to say, which knows what it was and when it left.
  return await sendThrough(
    deps,
    session,
    about,
    { requestId, seed },
    ({ client, messageId, epoch }, options) =>
      client.workerEdit({ params, body: { ...body, to, actionId: messageId, epoch } }, options),
  );
});
