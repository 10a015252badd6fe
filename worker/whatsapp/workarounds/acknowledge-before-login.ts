import type { AuthenticationCreds, BinaryNode } from '@whiskeysockets/baileys';

interface LinkingClient {
  ws: {
    on(event: string, listener: (node: BinaryNode) => void): unknown;
    off(event: string, listener: (node: BinaryNode) => void): unknown;
  };
  authState: { creds: AuthenticationCreds };
  sendNode(node: BinaryNode): Promise<void>;
}

/**
 * Acknowledges notifications that come before there is an account, as WhatsApp Web does. Baileys 7.0.0-rc14
 * fails to, since it reads its own id first (`messages-recv.js`, sendMessageAck; WhiskeySockets/Baileys#2738).
 * Answers the function that stops it.
 */
export function acknowledgeBeforeLogin(client: LinkingClient): () => void {
  const onNotification = ({ tag, attrs: { id, from, type } }: BinaryNode) => {
    if (client.authState.creds.me !== undefined || id === undefined || from === undefined) return;
    const attrs = { id, to: from, class: tag, ...(type === undefined ? {} : { type }) };
    // A socket that closes meanwhile ends the attempt anyway.
    client.sendNode({ tag: 'ack', attrs }).catch(() => undefined);
  };
  client.ws.on('CB:notification', onNotification);
  return () => {
    client.ws.off('CB:notification', onNotification);
  };
}
