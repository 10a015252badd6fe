import type { SendAnswer } from '../../shared/messages/schema.ts';
import type { Deps } from '../deps.ts';
import type { RequestScope } from '../http/implement.ts';
import { findOwnSession } from '../sessions/own-session.ts';
import type { Handing } from './sending/handing.ts';
import { send } from './sending/send.ts';
import { findTargetChat, type TargetChat } from './sending/target-chat.ts';

interface AboutMessage extends Pick<RequestScope, 'caller' | 'requestId' | 'seed'> {
  params: { sessionId: string; messageId: string };
  body: { to?: string | undefined };
}

/**
 * Sends an edit, reaction or revocation of a message in one of the caller's chats.
 * @throws AppError NOT_FOUND where neither the caller nor our records name the chat, and whatever `send`
 * throws
 */
export async function actOnMessage(
  deps: Deps,
  { caller, params, body, requestId, seed }: AboutMessage,
  toHanding: (target: TargetChat) => Handing,
): Promise<{ status: 200 | 202; data: SendAnswer }> {
  const session = await findOwnSession(deps, caller, params.sessionId);
  const target = await findTargetChat(deps, session.sessionId, params.messageId, body.to);
  return await send(deps, session, toHanding(target), { requestId, seed });
}
