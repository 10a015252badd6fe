import {
  isJidGroup,
  type MessageRelayOptions,
  normalizeMessageContent,
  proto,
} from '@whiskeysockets/baileys';

const { REVOKE, MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type;

/**
 * Attributes of a message's stanza beside its content. Baileys adds them in `sendMessage`
 * (`messages-send.js`), which is not used here; read off the content, they are the same when a later owner
 * sends the message again.
 */
export function relayOptions(
  message: proto.IMessage,
): Pick<MessageRelayOptions, 'additionalAttributes' | 'additionalNodes'> {
  const content = normalizeMessageContent(message);
  const protocol = content?.protocolMessage;
  if (protocol?.key?.id) {
    const { remoteJid, fromMe } = protocol.key;
    if (protocol.type === MESSAGE_EDIT) return { additionalAttributes: { edit: '1' } };
    const asAdmin = isJidGroup(remoteJid ?? undefined) && !fromMe;
    // A type of 0 is encoded like none.
    if ((protocol.type ?? REVOKE) === REVOKE) return { additionalAttributes: { edit: asAdmin ? '8' : '7' } };
  }
  const poll =
    content?.pollCreationMessage ?? content?.pollCreationMessageV2 ?? content?.pollCreationMessageV3;
  if (poll) return { additionalNodes: [{ tag: 'meta', attrs: { polltype: 'creation' } }] };
  return {};
}
