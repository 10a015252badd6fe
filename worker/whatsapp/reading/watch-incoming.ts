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
import type { SocketCaches } from '../socket/socket-caches.ts';
import type { KnownSecret } from './open-sealed.ts';
import type { People } from './people.ts';
import {
  type Account,
  factOf,
  isMessage,
  messagesHandedOn,
  type ReadMessage,
  readMessage,
  readUnreadable,
  type Unreadable,
} from './read-message.ts';

/** A message and, where it has a file, the means to fetch it. */
export interface Incoming extends ReadMessage {
  message: proto.IMessage | undefined;
}

/** What the session knows that a message is read with. */
export interface IncomingReading {
  account: () => Account | undefined;
  people: People;
  secretOf: (messageId: string) => KnownSecret | undefined;
}

/** Tells of ciphertexts that could not be read, before anything is said of them; answers the function that stops it. */
export type WatchFailures = (
  onFailure: (failure: { messageId: string; final: boolean }) => void,
) => () => void;

const STANZA = 'CB:message';
/** Baileys holds what it has not handled as well; there are more only where nobody can read anything. */
const MOST_UNREAD = 20_000;
/** Messages that are waited for, each with the stanza that announced it. */
const MOST_AWAITED = 500;

interface Unread {
  node: BinaryNode;
  offline: boolean;
}

/**
 * Tells of each incoming message once, and before its receipt leaves. Baileys sends the receipt first and
 * `messages.upsert` after it (`messages-recv.js`, handleMessage): a crash in between would lose a message that
 * the server takes for delivered. Between the two it remembers the decrypted message for retries, and there
 * we listen: what is journaled in that moment is durable before the receipt passes the write barrier. What cannot be
 * read is told of as well, in the moment in which that shows.
 *
 * Messages are handled in the order in which they arrive. Baileys handles those that waited for the session one
 * after another, and any other at once (`messages-recv.js`, processNode): behind a backlog of thousands, it would
 * be told of, and turn its Signal session on, before all of them. So each is handled like those that waited.
 */
export function watchIncoming(
  socket: WASocket,
  reading: IncomingReading,
  { told, quotable }: Pick<SocketCaches, 'told' | 'quotable'>,
  onIncoming: (incoming: Incoming) => void,
  watchFailures: WatchFailures = () => () => undefined,
): () => void {
  const unread: Unread[] = [];
  const awaited = new LRUCache<string, Unread>({ max: MOST_AWAITED });
  const { account, people, secretOf } = reading;

  const tell = (
    message: WAMessage,
    { offline, attrs }: { offline: boolean; attrs?: BinaryNode['attrs'] },
  ) => {
    const fact = factOf(message);
    if (told.has(fact) || !message.message) return;
    const read = readMessage(message, { me: account(), people, secretOf, offline, attrs });
    // Protocol traffic says nothing of the message under whose id it comes: keys of a group come before its content.
    if (read === undefined) return;
    told.set(fact, true);
    awaited.delete(message.key.id ?? '');
    if (isMessage(read.event)) quotable.set(read.event.data.id, message);
    onIncoming({ ...read, message: message.message });
  };
  const tellUnreadable = ({ node, offline }: Unread, reason: Unreadable) => {
    const message = messageOf(node, account());
    if (message === undefined) return;
    const fact = `${factOf(message)}|${reason}`;
    if (told.has(fact) || told.has(factOf(message))) return;
    const read = readUnreadable(message, reason, { me: account(), people, offline, attrs: node.attrs });
    if (read === undefined) return;
    told.set(fact, true);
    awaited.set(node.attrs['id'] ?? '', { node, offline });
    onIncoming({ ...read, message: undefined });
  };
  const onStanza = (node: BinaryNode) => {
    const offline = node.attrs['offline'] !== undefined;
    unread.push({ node, offline });
    if (unread.length > MOST_UNREAD) unread.shift();
    node.attrs['offline'] ??= '0';
    const missing = unavailableIn(node);
    if (missing !== undefined) tellUnreadable({ node, offline }, missing);
  };
  const onDecrypted = (id: string, content: proto.IMessage) => {
    const at = unread.findIndex(({ node }) => node.attrs['id'] === id);
    // Those before it have been handled too, and could not be read.
    const found = unread.splice(0, at + 1).at(-1);
    const message = found && messageOf(found.node, account());
    if (found === undefined || message === undefined) return;
    tell({ ...message, message: content }, { offline: found.offline, attrs: found.node.attrs });
    // Only the account's own phone hands messages on.
    if (message.key.fromMe && found.node.attrs['category'] === 'peer')
      for (const resent of messagesHandedOn(content)) tellHandedOn(resent);
  };
  const tellHandedOn = (resent: proto.IWebMessageInfo) => {
    const known = awaited.get(resent.key?.id ?? '');
    const announced = known && messageOf(known.node, account());
    const message = announced ?? ({ ...resent, key: resent.key ?? {} } as WAMessage);
    tell(
      { ...message, message: resent.message ?? null },
      { offline: known?.offline ?? true, ...(known ? { attrs: known.node.attrs } : {}) },
    );
  };
  const onUpsert = ({ messages, type }: BaileysEventMap['messages.upsert']) => {
    for (const message of messages) {
      // One that came in plain, as channels send: nothing was decrypted, and its type follows from our own mark.
      const known = unread.find(({ node }) => node.attrs['id'] === message.key.id);
      tell(message, {
        offline: known?.offline ?? type === 'append',
        ...(known ? { attrs: known.node.attrs } : {}),
      });
    }
  };
  const onFailure = ({ messageId, final }: { messageId: string; final: boolean }) => {
    const found = unread.findLast(({ node }) => node.attrs['id'] === messageId);
    if (found !== undefined) tellUnreadable(found, final || isLastTry(found.node) ? 'failed' : 'waiting');
  };
  socket.ws.prependListener(STANZA, onStanza);
  socket.ev.on('messages.upsert', onUpsert);
  const restore = observeDecrypted(socket, onDecrypted);
  const stopWatching = watchFailures(onFailure);
  return () => {
    socket.ws.off(STANZA, onStanza);
    socket.ev.off('messages.upsert', onUpsert);
    restore();
    stopWatching();
  };
}

/** A stanza's message, without its content; `undefined` for what Baileys cannot place either. */
function messageOf(node: BinaryNode, me: Account | undefined): WAMessage | undefined {
  if (me === undefined) return undefined;
  try {
    const { fullMessage } = decodeMessageNode(node, me.id, me.lid ?? '');
    const message = { ...fullMessage, key: { ...fullMessage.key } };
    cleanMessage(message, me.id, me.lid ?? '');
    return message;
  } catch {
    return undefined;
  }
}

/** What stands in place of a message that this device is not given; `undefined` where there is something to read. */
function unavailableIn({ content }: BinaryNode): Unreadable | undefined {
  const children = Array.isArray(content) ? content : [];
  const unavailable = children.find(({ tag }) => tag === 'unavailable');
  if (unavailable === undefined || children.some(({ tag }) => tag === 'enc' || tag === 'plaintext'))
    return undefined;
  const type = unavailable.attrs['type'] ?? '';
  if (type.startsWith('view_once')) return 'view_once';
  // Of these Baileys asks its phone for none (`messages-recv.js`, handleMessage).
  return type.endsWith('_unavailable_fanout') ? 'failed' : 'waiting';
}

/** So often Baileys asks for a message that it cannot read (`maxMsgRetryCount`). */
const MOST_RETRIES = 5;

const isLastTry = ({ content }: BinaryNode): boolean =>
  Array.isArray(content) && content.some(({ attrs }) => Number(attrs['count'] ?? 0) >= MOST_RETRIES);

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
