import { reactToMessage } from '../../shared/messages/routes.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession } from '../sessions/own-session.ts';
import { sendThrough } from './send.ts';
import { findTargetChat } from './target-chat.ts';

export const handler = implement(reactToMessage, async ({ caller, params, body, requestId, seed }, deps) => {
  const session = await findOwnSession(deps, caller, params.sessionId);
  const { to, record } = await findTargetChat(deps, session.sessionId, params.messageId, body.to);
  const fromMe = body.fromMe ?? (record === undefined ? undefined : true);
  const about = { to, type: 'reaction' };
  return await sendThrough(
    deps,
    session,
    about,
    { requestId, seed },
    ({ client, messageId, epoch }, options) =>
      client.workerReact({ params, body: { ...body, to, fromMe, actionId: messageId, epoch } }, options),
  );
});
