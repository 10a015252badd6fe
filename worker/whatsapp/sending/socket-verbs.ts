import type { Agent } from 'node:https';
import {
  type BinaryNode,
  generateWAMessage,
  isJidGroup,
  S_WHATSAPP_NET,
  type SocketConfig,
  type WAMessage,
  type WASocket,
} from '@whiskeysockets/baileys';
import type { WebSocket } from 'ws';
import { isMediaType } from '../../../shared/messages/schema.ts';
import { downloadMedia } from '../media/download-media.ts';
import type { FetchedMedia } from '../media/fetch-media.ts';
import { previewMedia } from '../media/preview-media.ts';
import type { SocketLogger } from '../socket/quiet-logger.ts';
import { requestPairingCode } from '../socket/request-pairing-code.ts';
import type { MessageDraft, PreparedMessage, WhatsAppSocket } from '../socket/whatsapp-socket.ts';
import { addressMentions } from './address-mentions.ts';
import { type ActionDeps, buildAction, buildReaction, isAction, type OutgoingBody } from './build-action.ts';
import { buildMessage } from './build-message.ts';
import type { ChatVerbs } from './chat-verbs.ts';
import { relayOptions } from './relay-options.ts';
import { showTyping } from './show-typing.ts';

const MEDIA_UPLOAD_TIMEOUT_MS = 60_000;
const PAIRING_TIMEOUT_MS = 8_000;
/** Closing a connection to a server that is gone would take the `ws` library 30 s. */
const CLOSE_TIMEOUT_MS = 1_000;

interface VerbDeps {
  detach: () => void;
  logger: SocketLogger;
  getMessage: SocketConfig['getMessage'];
  /** The session's proxy, where it has one. */
  agent: Agent | undefined;
  sentAt: ActionDeps['sentAt'];
  chats: ChatVerbs;
  /** Whether “typing…” is shown before messages that do not say so themselves. */
  typing: () => boolean;
  /** A message of somebody else's, while it is remembered. */
  quotable: (messageId: string) => WAMessage | undefined;
}

export function createSocketVerbs(socket: WASocket, deps: VerbDeps): WhatsAppSocket {
  const { detach, getMessage } = deps;
  // Kept, since Baileys drops its reference when it closes.
  const transport = (socket.ws as unknown as { socket: WebSocket | null }).socket;
  const terminate = () => transport?.terminate();
  return {
    chats: deps.chats,
    prepare: (draft) => prepare(socket, draft, deps),
    relay: async ({ key, message }) => {
      await socket.relayMessage(key.remoteJid, message, { messageId: key.id, ...relayOptions(message) });
    },
    knows: async (chat, messageId) =>
      (await getMessage({ remoteJid: chat, id: messageId, fromMe: true })) !== undefined,
    ask: (timeoutMs) => ask(socket, timeoutMs),
    unlink: (timeoutMs) => unlink(socket, timeoutMs),
    requestPairingCode: (digits) => requestPairingCode(socket, digits, PAIRING_TIMEOUT_MS),
    download: (message, limits) => downloadMedia(message, () => mediaHost(socket), limits, deps.agent),
    close: async () => {
      detach();
      const deadline = setTimeout(terminate, CLOSE_TIMEOUT_MS);
      await Promise.resolve(socket.end(undefined)).catch(() => undefined);
      clearTimeout(deadline);
      terminate();
    },
    destroy: () => {
      detach();
      terminate();
      Promise.resolve(socket.end(undefined)).catch(() => undefined);
    },
  };
}

async function prepare(
  socket: WASocket,
  { messageId, body, media }: MessageDraft,
  deps: VerbDeps,
): Promise<PreparedMessage> {
  const userJid = socket.user?.id;
  if (userJid === undefined) throw new Error('The socket has no account.');
  const isNew = !isAction(body) && body.type !== 'reaction';
  const quoted = isNew && body.quotedMessageId && (await quote(body.to, body.quotedMessageId, deps));
  const built = await build(body, media, deps);
  const { groups } = deps.chats;
  const content = isJidGroup(body.to)
    ? await addressMentions(built, (jid) => groups.nameIn(body.to, jid))
    : built;
  if (isNew && (body.typing ?? deps.typing())) await showTyping(socket, body);
  const full = await generateWAMessage(body.to, content, {
    messageId,
    userJid,
    logger: deps.logger,
    upload: socket.waUploadToServer,
    mediaUploadTimeoutMs: MEDIA_UPLOAD_TIMEOUT_MS,
    ...(quoted ? { quoted } : {}),
  });
  if (!full.message) throw new Error('The message came out empty.');
  return { key: { ...full.key, id: messageId, remoteJid: body.to, fromMe: true }, message: full.message };
}

async function build(body: OutgoingBody, media: FetchedMedia | undefined, deps: VerbDeps) {
  const about = { ...deps, groups: deps.chats.groups };
  if (isAction(body)) return buildAction(body, about);
  if (body.type === 'reaction' && body.reaction !== undefined)
    return buildReaction(body.to, body.reaction, about);
  if (media === undefined || !isMediaType(body.type)) return buildMessage(body, undefined);
  return buildMessage(body, { ...media, preview: await previewMedia(body.type, media.content) });
}

/** The quoted message as far as it is remembered; otherwise its id alone, which phones resolve. */
async function quote(chat: string, id: string, { getMessage, quotable }: VerbDeps): Promise<WAMessage> {
  const theirs = quotable(id);
  if (theirs !== undefined) return theirs;
  const ours = await getMessage({ remoteJid: chat, id, fromMe: true });
  return {
    key: { remoteJid: chat, id, fromMe: ours !== undefined },
    message: ours ?? { conversation: '' },
  };
}

/**
 * How many pre-keys the server holds: answered by the message server itself, unlike the ping of Baileys'
 * keep-alive, so that a session it has forgotten shows.
 */
async function ask(socket: WASocket, timeoutMs: number): Promise<void> {
  const answer: unknown = await socket.query(
    {
      tag: 'iq',
      attrs: { xmlns: 'encrypt', type: 'get', to: S_WHATSAPP_NET },
      content: [{ tag: 'count', attrs: {} }],
    },
    timeoutMs,
  );
  // Baileys resolves with nothing when its own timer wins (`socket.js`, waitForMessage).
  if (answer === undefined) throw new Error('No answer in time.');
}

/** Like Baileys' `logout`, but waits for WhatsApp's answer (`socket.js`, remove-companion-device). */
async function unlink(socket: WASocket, timeoutMs: number): Promise<void> {
  const jid = socket.authState.creds.me?.id;
  if (jid === undefined) return;
  const request: BinaryNode = {
    tag: 'iq',
    attrs: { to: S_WHATSAPP_NET, type: 'set', xmlns: 'md' },
    content: [{ tag: 'remove-companion-device', attrs: { jid, reason: 'user_initiated' } }],
  };
  const answer: unknown = await socket.query(request, timeoutMs);
  if (answer === undefined) throw new Error('No answer in time.');
}

/** The server names its media hosts on request; Baileys caches the answer. */
async function mediaHost(socket: WASocket): Promise<string> {
  await socket.refreshMediaConn(false);
  return socket.getMediaHost();
}
