import { normalizeMessageContent, proto } from '@whiskeysockets/baileys';
import { readContent } from './read-content.ts';

/** What a message says about another one, named by its id. */
export type MessageChange = { messageId: string } & (
  | { change: 'reaction'; emoji: string | null }
  | { change: 'edited'; content: string | null }
  | { change: 'revoked' }
);

const { REVOKE, MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type;

/** `undefined` for messages of their own, and for protocol traffic. */
export function readChange(content: proto.IMessage): MessageChange | undefined {
  const { reactionMessage: reaction, protocolMessage: protocol } = content;
  if (reaction?.key?.id)
    return { change: 'reaction', messageId: reaction.key.id, emoji: reaction.text || null };
  const messageId = protocol?.key?.id;
  if (!messageId) return undefined;
  if (protocol.type === MESSAGE_EDIT) {
    const edited = normalizeMessageContent(protocol.editedMessage);
    return { change: 'edited', messageId, content: (edited && readContent(edited)?.content) ?? null };
  }
  // A type of 0 is not told from none.
  return (protocol.type ?? REVOKE) === REVOKE ? { change: 'revoked', messageId } : undefined;
}
