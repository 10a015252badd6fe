import { proto } from '@whiskeysockets/baileys';
import { encryptMedia } from '../media/media-crypto.ts';
import type { MediaStore } from '../media/media-store.ts';
import { SandboxError } from '../sandbox-error.ts';
import type { NewEvent, OutgoingMessage, RawMessage } from '../verbs.ts';
import { nowSeconds } from '../wire/stanza.ts';
import type { Content } from './send-content.ts';

export type MediaHost = { store: MediaStore; url: string };

/** The content of a message that somebody writes on a phone; what is sealed is composed elsewhere. */
export function compose(given: OutgoingMessage, chatJid: string, host: MediaHost): Content {
  if (given.raw) return composeRaw(given.raw);
  if (given.media) return composeMedia(given.media, host);
  if (given.poll) return composePoll(given.poll);
  if (given.event) return { content: { eventMessage: composeEvent(given.event) }, type: 'event' };
  if (given.reaction) return composeReaction(given.reaction, chatJid);
  if (given.edit) return composeEdit(given.edit, chatJid);
  if (given.revoke) return composeRevoke(given.revoke.messageId, chatJid);
  if (given.text === undefined)
    throw new SandboxError(
      400,
      'Nothing to send: give text, media, reaction, edit, revoke, poll, event, or raw.',
    );
  if (!given.quoted) return { content: { conversation: given.text }, type: 'text' };
  const contextInfo = {
    stanzaId: given.quoted.messageId,
    participant: chatJid,
    quotedMessage: { conversation: given.quoted.text ?? '' },
  };
  return { content: { extendedTextMessage: { text: given.text, contextInfo } }, type: 'text' };
}

/** Exactly what is given: neither a secret nor a timer is added to it. */
export function composeRaw({ message, base64, type, mediatype, edit }: RawMessage): Content {
  const content = message === undefined ? {} : proto.Message.fromObject(message);
  return {
    content,
    asIs: base64 === undefined ? proto.Message.encode(content).finish() : Buffer.from(base64, 'base64'),
    type: type ?? 'text',
    ...(mediatype === undefined ? {} : { mediatype }),
    ...(edit === undefined ? {} : { edit }),
  };
}

function composePoll({ question, options, selectable = 1 }: NonNullable<OutgoingMessage['poll']>): Content {
  const poll = {
    name: question,
    options: options.map((optionName) => ({ optionName })),
    selectableOptionsCount: selectable,
  };
  return { content: { pollCreationMessageV3: poll }, type: 'poll' };
}

export function composeEvent(event: NewEvent): proto.Message.IEventMessage {
  return {
    name: event.name,
    description: event.description ?? null,
    startTime: event.startsAt,
    endTime: event.endsAt ?? null,
    isCanceled: event.cancelled ?? false,
    ...(event.place === undefined ? {} : { location: { name: event.place } }),
  };
}

function composeMedia(media: NonNullable<OutgoingMessage['media']>, host: MediaHost): Content {
  const data = Buffer.from(media.dataBase64, 'base64');
  if (data.length === 0) throw new SandboxError(400, 'The media is empty; dataBase64 carries its bytes.');
  const encrypted = encryptMedia(media.type, data);
  const directPath = host.store.put(media.type, encrypted.encrypted);
  const mimetype = media.mimetype ?? defaultMimetypes[media.type];
  const common = {
    url: `${host.url}${directPath}`,
    directPath,
    mimetype,
    mediaKey: encrypted.mediaKey,
    mediaKeyTimestamp: nowSeconds(),
    fileSha256: encrypted.sha256,
    fileEncSha256: encrypted.encryptedSha256,
    fileLength: data.length,
  };
  const caption = media.caption === undefined ? {} : { caption: media.caption };
  const name = media.filename === undefined ? {} : { fileName: media.filename, title: media.filename };
  const contents: Record<typeof media.type, proto.IMessage> = {
    image: { imageMessage: { ...common, ...caption } },
    video: { videoMessage: { ...common, ...caption } },
    audio: { audioMessage: { ...common, ptt: media.ptt ?? false, seconds: 1 } },
    document: { documentMessage: { ...common, ...caption, ...name } },
    sticker: { stickerMessage: common },
  };
  const mediatype = media.type === 'audio' && media.ptt ? 'ptt' : media.type;
  return { content: contents[media.type], type: 'media', mediatype };
}

const defaultMimetypes: Record<NonNullable<OutgoingMessage['media']>['type'], string> = {
  image: 'image/jpeg',
  video: 'video/mp4',
  audio: 'audio/ogg; codecs=opus',
  document: 'application/octet-stream',
  sticker: 'image/webp',
};

function composeReaction(reaction: NonNullable<OutgoingMessage['reaction']>, chatJid: string): Content {
  const key = { remoteJid: chatJid, id: reaction.messageId, fromMe: reaction.fromMe ?? false };
  const content = { reactionMessage: { key, text: reaction.emoji, senderTimestampMs: Date.now() } };
  return { content, type: 'reaction' };
}

function composeEdit(edit: NonNullable<OutgoingMessage['edit']>, chatJid: string): Content {
  const protocolMessage = {
    key: { remoteJid: chatJid, id: edit.messageId, fromMe: true },
    type: proto.Message.ProtocolMessage.Type.MESSAGE_EDIT,
    editedMessage: { conversation: edit.text },
    timestampMs: Date.now(),
  };
  return { content: { protocolMessage }, type: 'text', edit: '1' };
}

function composeRevoke(messageId: string, chatJid: string): Content {
  const protocolMessage = {
    key: { remoteJid: chatJid, id: messageId, fromMe: true },
    type: proto.Message.ProtocolMessage.Type.REVOKE,
  };
  return { content: { protocolMessage }, type: 'text', edit: '7' };
}
