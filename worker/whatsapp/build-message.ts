import type { AnyMessageContent } from '@whiskeysockets/baileys';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Media, MessageType, SendBody } from '../../shared/messages/schema.ts';
import type { FetchedMedia } from './fetch-media.ts';

const DEFAULT_MIMETYPE: Readonly<Record<Exclude<MessageType, 'text'>, string>> = {
  image: 'image/jpeg',
  document: 'application/octet-stream',
  audio: 'audio/mpeg',
  video: 'video/mp4',
};
/** Phones play a voice note only where it says it is Opus in Ogg. */
const VOICE_NOTE_MIMETYPE = 'audio/ogg; codecs=opus';

/**
 * A message in Baileys' terms. What the request says of a file wins over what its server says. The caption
 * may stand at the top, in `media`, or, as callers of the seeds do, in `message`.
 * @throws AppError VALIDATION_ERROR where media is missing or of another kind than `type`
 */
export function buildMessage(body: SendBody, media: FetchedMedia | undefined): AnyMessageContent {
  if (body.type === 'text') {
    // A preview would make the worker fetch whatever address the text names.
    return { text: body.message ?? '', linkPreview: null };
  }
  if (media === undefined) throw new AppError('VALIDATION_ERROR', 'A message of this type needs media.');
  const asked: Media | undefined = body.media;
  const caption = body.caption ?? asked?.caption ?? body.message;
  const captioned = caption ? { caption } : {};
  const mimetype = mimetypeFor(body.type, asked?.mimetype ?? media.mimetype, body.ptt === true);
  switch (body.type) {
    case 'image':
      return { image: media.bytes, mimetype, ...captioned };
    case 'video':
      return { video: media.bytes, mimetype, ...captioned };
    case 'audio':
      return { audio: media.bytes, mimetype, ptt: body.ptt === true };
    case 'document': {
      const fileName = body.filename ?? asked?.filename ?? media.filename ?? 'file';
      return { document: media.bytes, mimetype, fileName, ...captioned };
    }
  }
}

function mimetypeFor(type: Exclude<MessageType, 'text'>, given: string | undefined, ptt: boolean): string {
  if (type === 'audio' && ptt) return VOICE_NOTE_MIMETYPE;
  if (given === undefined || given === 'application/octet-stream') return DEFAULT_MIMETYPE[type];
  if (type !== 'document' && !given.startsWith(`${type}/`) && given !== 'application/ogg')
    throw new AppError('VALIDATION_ERROR', `The media is ${given}, not of type ${type}.`, {
      details: [{ path: 'media', message: `use media of type ${type}, or send it as a document` }],
    });
  return given;
}
