import { proto } from '@whiskeysockets/baileys';
import { decryptMedia } from '../media/media-crypto.ts';
import type { MediaStore } from '../media/media-store.ts';
import { sha256 } from '../signal/kdf.ts';
import type { InboxMessage, MediaType } from '../verbs.ts';

/** What a person reads off a message. */
export type ReadMessage = Pick<
  InboxMessage,
  'type' | 'text' | 'caption' | 'filename' | 'mimetype' | 'media' | 'details'
>;

const nothing: Omit<ReadMessage, 'type'> = {
  text: null,
  caption: null,
  filename: null,
  mimetype: null,
  media: null,
  details: null,
};

/** Takes the random padding off (1 to 16 bytes, each giving the length); null where it is no message. */
export function parsePadded(plaintext: Buffer): proto.Message | null {
  const padding = plaintext.at(-1) ?? 0;
  if (padding < 1 || padding > 16 || padding > plaintext.length)
    throw new Error('The padding of the message is wrong.');
  try {
    return proto.Message.decode(plaintext.subarray(0, plaintext.length - padding));
  } catch {
    return null;
  }
}

/** Null for messages that are not meant for people: keys, history, settings. */
export function readMessage(message: proto.IMessage, store: MediaStore): ReadMessage | null {
  const content = unwrap(message);
  return readText(content) ?? readMedia(content, store) ?? readOther(content);
}

function unwrap(message: proto.IMessage): proto.IMessage {
  const inner =
    message.ephemeralMessage?.message ??
    message.viewOnceMessage?.message ??
    message.viewOnceMessageV2?.message ??
    message.documentWithCaptionMessage?.message;
  return inner ? unwrap(inner) : message;
}

function readText(content: proto.IMessage): ReadMessage | null {
  const text = content.conversation || content.extendedTextMessage?.text;
  if (!text) return null;
  const context = content.extendedTextMessage?.contextInfo;
  const details = context?.stanzaId
    ? { quotedMessageId: context.stanzaId }
    : context?.mentionedJid?.length
      ? { mentions: context.mentionedJid }
      : null;
  return { ...nothing, type: 'text', text, details };
}

type MediaFields = {
  mediaKey?: Uint8Array | null;
  directPath?: string | null;
  url?: string | null;
  fileSha256?: Uint8Array | null;
  fileEncSha256?: Uint8Array | null;
  mimetype?: string | null;
  caption?: string | null;
  fileName?: string | null;
  ptt?: boolean | null;
};

function readMedia(content: proto.IMessage, store: MediaStore): ReadMessage | null {
  const kinds: [MediaType, MediaFields | null | undefined][] = [
    ['image', content.imageMessage],
    ['video', content.videoMessage],
    ['audio', content.audioMessage],
    ['document', content.documentMessage],
    ['sticker', content.stickerMessage],
  ];
  const [type, fields] = kinds.find(([, candidate]) => candidate) ?? [];
  if (!type || !fields) return null;
  return {
    ...nothing,
    type,
    caption: fields.caption || null,
    filename: fields.fileName || null,
    mimetype: fields.mimetype || null,
    media: fetchMedia(type, fields, store),
    details: fields.ptt ? { ptt: true } : null,
  };
}

function fetchMedia(type: MediaType, fields: MediaFields, store: MediaStore): InboxMessage['media'] {
  const path = fields.directPath || (fields.url ? new URL(fields.url).pathname : '');
  const { mediaKey, fileSha256, fileEncSha256 } = fields;
  try {
    const encrypted = store.get(path);
    if (!encrypted) throw new Error('The media server does not have this file.');
    if (!mediaKey || !fileSha256 || !fileEncSha256) throw new Error('The message lacks a media key or hash.');
    const expected = { mediaKey, sha256: fileSha256, encryptedSha256: fileEncSha256 };
    const data = decryptMedia(type, encrypted, expected);
    return { sha256: sha256(data).toString('hex'), sizeBytes: data.length };
  } catch (error) {
    return { sha256: '', sizeBytes: 0, error: error instanceof Error ? error.message : String(error) };
  }
}

function readOther(content: proto.IMessage): ReadMessage | null {
  const { reactionMessage, protocolMessage, locationMessage, contactMessage } = content;
  if (reactionMessage) {
    const { id, fromMe, participant } = reactionMessage.key ?? {};
    const target = { messageId: id ?? '', fromMe: fromMe ?? false, author: participant ?? null };
    const details = { emoji: reactionMessage.text ?? '', ...target };
    return { ...nothing, type: 'reaction', text: reactionMessage.text ?? '', details };
  }
  if (locationMessage) {
    const { degreesLatitude, degreesLongitude, name } = locationMessage;
    return { ...nothing, type: 'location', details: { degreesLatitude, degreesLongitude, name } };
  }
  if (contactMessage) {
    const { displayName, vcard } = contactMessage;
    return { ...nothing, type: 'contact', details: { displayName, vcard } };
  }
  const poll = content.pollCreationMessage ?? content.pollCreationMessageV3 ?? content.pollCreationMessageV2;
  if (poll) {
    const options = poll.options?.map((option) => option.optionName ?? '') ?? [];
    return { ...nothing, type: 'poll', text: poll.name ?? '', details: { options } };
  }
  return protocolMessage ? readProtocol(protocolMessage) : null;
}

function readProtocol(message: proto.Message.IProtocolMessage): ReadMessage | null {
  const { Type } = proto.Message.ProtocolMessage;
  const messageId = message.key?.id ?? '';
  if (message.type === Type.MESSAGE_EDIT) {
    const edited = message.editedMessage ? readText(message.editedMessage) : null;
    return { ...nothing, type: 'edit', text: edited?.text ?? null, details: { messageId } };
  }
  // REVOKE is 0, which a message without a type shows too: the key tells them apart.
  if ((message.type ?? Type.REVOKE) === Type.REVOKE && messageId)
    return { ...nothing, type: 'revoke', details: { messageId, author: message.key?.participant ?? null } };
  return null;
}
