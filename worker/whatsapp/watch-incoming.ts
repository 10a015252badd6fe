import {
  type BaileysEventMap,
  type BinaryNode,
  cleanMessage,
  decodeMessageNode,
  type proto,
  type WAMessage,
  type WASocket,
} from '@whiskeysockets/baileys';
import { LRUCache } from 'lru-cache';
import { type Account, type IncomingEvent, readMessage } from './read-message.ts';
import type { SocketCaches } from './socket-caches.ts';

/** A message and, where it has a file, the means to fetch it. */
export interface Incoming {
  event: IncomingEvent;
  message: proto.IMessage;
}

const STANZA = 'CB:message';

/**
 * Tells of each incoming message once, and before its receipt leaves. Baileys sends the receipt first and
 * `messages.upsert` after it (`messages-recv.js`, handleMessage): a crash in between would lose a message that
 * the server takes for delivered. Between the two it remembers the decrypted message for retries, and there
 * we listen: what is journaled in that moment is durable before the receipt passes the write barrier.
 */
export function watchIncoming(
  socket: WASocket,
  account: () => Account | undefined,
  { told, quotable }: Pick<SocketCaches, 'told' | 'quotable'>,
  onIncoming: (incoming: Incoming) => void,
): () => void {
  const stanzas = new LRUCache<string, BinaryNode>({ max: 500 });
  const tell = (message: WAMessage, offline: boolean) => {
    const key = `${message.key.remoteJid}|${message.key.participant ?? ''}|${message.key.id}`;
    if (told.has(key) || !message.message) return;
    told.set(key, true);
    const event = readMessage(message, account(), offline);
    if (event?.event === 'message_received') quotable.set(event.data.id, message);
    if (event !== undefined) onIncoming({ event, message: message.message });
  };
  const onStanza = (node: BinaryNode) => {
    if (node.attrs['id'] !== undefined) stanzas.set(node.attrs['id'], node);
  };
  const onDecrypted = (id: string, content: proto.IMessage) => {
    const node = stanzas.get(id);
    const me = account();
    if (node === undefined || me === undefined) return;
    stanzas.delete(id);
    const { fullMessage } = decodeMessageNode(node, me.id, me.lid ?? '');
    const message = { ...fullMessage, key: { ...fullMessage.key }, message: content };
    cleanMessage(message, me.id, me.lid ?? '');
    tell(message, node.attrs['offline'] !== undefined);
  };
  const onUpsert = ({ messages, type }: BaileysEventMap['messages.upsert']) => {
    for (const message of messages) tell(message, type === 'append');
  };
  socket.ws.prependListener(STANZA, onStanza);
  socket.ev.on('messages.upsert', onUpsert);
  const restore = observeDecrypted(socket, onDecrypted);
  return () => {
    socket.ws.off(STANZA, onStanza);
    socket.ev.off('messages.upsert', onUpsert);
    restore();
  };
}

function observeDecrypted(
  socket: WASocket,
  onDecrypted: (id: string, content: proto.IMessage) => void,
): () => void {
  const retries = socket.messageRetryManager;
  if (!retries) return () => undefined;
  const remember = retries.addRecentMessage.bind(retries);
  retries.addRecentMessage = (to, id, content) => {
    remember(to, id, content);
    onDecrypted(id, content);
  };
  return () => {
    retries.addRecentMessage = remember;
  };
}
