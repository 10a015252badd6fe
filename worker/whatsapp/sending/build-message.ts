import type { AnyMessageContent } from '@whiskeysockets/baileys';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { ContactCard } from '../../../shared/messages/content.ts';
import { isMediaType, type Media, type MediaType, type SendBody } from '../../../shared/messages/schema.ts';
import type { FetchedMedia } from '../media/fetch-media.ts';
import type { MediaPreview } from '../media/preview-media.ts';
import { toUpload } from '../media/preview-media.ts';

/** A file, and what its message shows of it. */
export type PreviewedMedia = FetchedMedia & { preview: MediaPreview };

const DEFAULT_MIMETYPE: Readonly<Record<MediaType, string>> = {
  image: 'image/jpeg',
  document: 'application/octet-stream',
  audio: 'audio/mpeg',
  video: 'video/mp4',
  sticker: 'image/webp',
};
/** Phones play a voice note only where it is labelled as Opus in Ogg. */
const VOICE_NOTE_MIMETYPE = 'audio/ogg; codecs=opus';

/**
 * Builds a message in Baileys' terms, except reactions, whose target only the socket knows.
 * @throws AppError VALIDATION_ERROR where a part is missing, or media is of another kind than `type`
 */
export function buildMessage(body: SendBody, media: PreviewedMedia | undefined): AnyMessageContent {
  const { type, location, contact, poll } = body;
  const mentions = body.mentions === undefined ? {} : { mentions: body.mentions };
  if (isMediaType(type)) return { ...buildMedia(type, body, media), ...mentions };
  // Without `null`, Baileys would make the worker fetch whatever address the text names.
  if (type === 'text') return { text: body.message ?? '', linkPreview: previewOf(body), ...mentions };
  if (type === 'location' && location !== undefined) {
    const { latitude, longitude, name, address } = location;
    const about = { ...(name ? { name } : {}), ...(address ? { address } : {}) };
    return { location: { degreesLatitude: latitude, degreesLongitude: longitude, ...about } };
  }
  if (type === 'contact' && contact !== undefined)
    return {
      contacts: {
        displayName: contact.name,
        contacts: [{ displayName: contact.name, vcard: toVcard(contact) }],
      },
    };
  if (type === 'poll' && poll !== undefined) {
    const { question, options, selectableCount } = poll;
    // Baileys refuses more than there are.
    const most = Math.min(selectableCount, options.length);
    return { poll: { name: question, values: options, selectableCount: most } };
  }
  throw new AppError('VALIDATION_ERROR', `A message of this type needs ${type}.`);
}

/**
 * What the request says of a file wins over what its server says. The caption may be at the top, in `media`,
 * or in `message`.
 */
function buildMedia(type: MediaType, body: SendBody, media: PreviewedMedia | undefined): AnyMessageContent {
  if (media === undefined) throw new AppError('VALIDATION_ERROR', 'A message of this type needs media.');
  const asked: Media | undefined = body.media;
  const caption = body.caption ?? asked?.caption ?? body.message;
  const captioned = caption ? { caption } : {};
  const mimetype = mimetypeFor(type, asked?.mimetype ?? media.mimetype, body.ptt === true);
  const upload = toUpload(media.content);
  const { jpegThumbnail, seconds, ...size } = media.preview;
  switch (type) {
    case 'image':
      return { image: upload, mimetype, ...captioned, ...size, jpegThumbnail: orNone(jpegThumbnail) };
    case 'video':
      return { video: upload, mimetype, ...captioned, jpegThumbnail: orNone(jpegThumbnail) };
    case 'audio':
      return { audio: upload, mimetype, ptt: body.ptt === true, seconds };
    case 'sticker':
      return { sticker: upload, mimetype };
    case 'document': {
      const fileName = body.filename ?? asked?.filename ?? media.filename ?? 'file';
      return { document: upload, mimetype, fileName, ...captioned };
    }
  }
}

/**
 * Baileys makes a thumbnail where there is none (`messages.js`, prepareWAMessageMedia); null prevents that.
 */
const orNone = (thumbnail: string | null) => thumbnail as string;

/** The preview in the caller's words; nothing is fetched. */
function previewOf({ message, linkPreview }: SendBody) {
  if (!linkPreview) return null;
  const { url, title, description } = linkPreview;
  if (!message?.includes(url))
    throw new AppError(
      'VALIDATION_ERROR',
      'A preview is of a link in the text, and this text does not hold its url.',
    );
  return { 'canonical-url': url, 'matched-text': url, title, ...(description ? { description } : {}) };
}

function mimetypeFor(type: MediaType, given: string | undefined, ptt: boolean): string {
  if (type === 'audio' && ptt) return VOICE_NOTE_MIMETYPE;
  if (given === undefined || given === 'application/octet-stream') return DEFAULT_MIMETYPE[type];
  const isSticker = type === 'sticker' && given === 'image/webp';
  if (!isSticker && type !== 'document' && !given.startsWith(`${type}/`) && given !== 'application/ogg')
    throw new AppError('VALIDATION_ERROR', `The media is ${given}, not of type ${type}.`, {
      details: [{ path: 'media', message: `use media of type ${type}, or send it as a document` }],
    });
  return given;
}

/** vCard 3.0 (RFC 2426), as WhatsApp's own clients write it: `waid` makes the card lead to the chat. */
function toVcard({ name, phoneNumber, organization }: ContactCard): string {
  const lines = [
    'BEGIN:VCARD',
    'VERSION:3.0',
    `FN:${escapeVcard(name)}`,
    ...(organization ? [`ORG:${escapeVcard(organization)};`] : []),
    `TEL;type=CELL;type=VOICE;waid=${phoneNumber}:+${phoneNumber}`,
    'END:VCARD',
  ];
  return lines.join('\n');
}

const escapeVcard = (text: string) => text.replace(/\r?\n/g, ' ').replace(/[\\,;]/g, '\\$&');
