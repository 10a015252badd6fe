import {
  type BaileysEventMap,
  type BinaryNode,
  cleanMessage,
  decodeMessageNode,
  type proto,
  type WAMessage,
  type WASocket,
} from '@whiskeysockets/baileys';
import type { SocketCaches } from '../socket/socket-caches.ts';
import { type Account, type IncomingEvent, readMessage } from './read-message.ts';

/** A message and, where it has a file, the means to fetch it. */
export interface Incoming {
  event: IncomingEvent;
  message: proto.IMessage;
}

const STANZA = 'CB:message';
/** Baileys holds what it has not handled as well; there are more only where nobody can read anything. */
const MOST_UNREAD = 20_000;

/**
 * Tells of each incoming message once, and before its receipt leaves. Baileys sends the receipt first and
 * `messages.upsert` after it (`messages-recv.js`, handleMessage): a crash in between would lose a message that
 * the server takes for delivered. Between the two it remembers the decrypted message for retries, and there
 * we listen: what is journaled in that moment is durable before the receipt passes the write barrier.
 *
 * Messages are handled in the order in which they arrive. Baileys handles those that waited for the session one
 * after another, and any other at once (`messages-recv.js`, processNode): behind a backlog of thousands, it would
 * be told of, and turn its Signal session on, before all of them. So each is handled like those that waited.
 */
export function watchIncoming(
  socket: WASocket,
  account: () => Account | undefined,
  { told, quotable }: Pick<SocketCaches, 'told' | 'quotable'>,
  onIncoming: (incoming: Incoming) => void,
): () => void {
  const unread: { node: BinaryNode; offline: boolean }[] = [];
  const tell = (message: WAMessage, offline: boolean) => {
    const key = `${message.key.remoteJid}|${message.key.participant ?? ''}|${message.key.id}`;
    if (told.has(key) || !message.message) return;
    told.set(key, true);
    const event = readMessage(message, account(), offline);
    if (event?.event === 'message_received') quotable.set(event.data.id, message);
    if (event !== undefined) onIncoming({ event, message: message.message });
  };
  const onStanza = (node: BinaryNode) => {
    unread.push({ node, offline: node.attrs['offline'] !== undefined });
    if (unread.length > MOST_UNREAD) unread.shift();
    node.attrs['offline'] ??= '0';
  };
  const onDecrypted = (id: string, content: proto.IMessage) => {
    const at = unread.findIndex(({ node }) => node.attrs['id'] === id);
    // Those before it have been handled too, and could not be read.
    const found = unread.splice(0, at + 1).at(-1);
    const me = account();
    if (found === undefined || me === undefined) return;
    const { fullMessage } = decodeMessageNode(found.node, me.id, me.lid ?? '');
    const message = { ...fullMessage, key: { ...fullMessage.key }, message: content };
    cleanMessage(message, me.id, me.lid ?? '');
    tell(message, found.offline);
  };
  const onUpsert = ({ messages, type }: BaileysEventMap['messages.upsert']) => {
    for (const message of messages) {
      // One that came in plain, as channels send: nothing was decrypted, and its type follows from our own mark.
      const known = unread.find(({ node }) => node.attrs['id'] === message.key.id);
      tell(message, known?.offline ?? type === 'append');
    }
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

/**
 * Takes the place where Baileys remembers messages for retries: 512 of them for five minutes, each with a timer that
 * keeps all of its transaction alive (`message-retry-manager.js`). Our `getMessage` answers retries from the journal.
 */
function observeDecrypted(
  socket: WASocket,
  onDecrypted: (id: string, content: proto.IMessage) => void,
): () => void {
  const retries = socket.messageRetryManager;
  if (!retries) throw new Error('Baileys has no place at which a message is seen before its receipt leaves.');
  retries.addRecentMessage = (_to, id, content) => onDecrypted(id, content);
  return () => {
    retries.addRecentMessage = () => undefined;
  };
}
