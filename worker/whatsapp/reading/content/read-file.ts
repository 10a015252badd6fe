import type { proto } from '@whiskeysockets/baileys';
import type { MessageMedia } from '../../../../shared/messages/model/message-media.ts';
import { known, textOf, wholeOf } from './from-network.ts';
import type { Of, Reading } from './reading.ts';

interface FileFields {
  mimetype?: string | null;
  fileLength?: unknown;
  width?: number | null;
  height?: number | null;
  seconds?: number | null;
  caption?: string | null;
}

const WAVEFORM_BYTES = 64;

function mediaOf(file: FileFields, mediaId: string): MessageMedia {
  return known({
    mediaId,
    mimetype: textOf(file.mimetype?.split(';')[0]?.trim(), 'line')?.slice(0, 127),
    sizeBytes: wholeOf(file.fileLength, 1),
    widthPx: wholeOf(file.width, 1),
    heightPx: wholeOf(file.height, 1),
    seconds: wholeOf(file.seconds),
  });
}

const captionOf = ({ caption }: FileFields) => textOf(caption, 'text') ?? null;

export const readImage = (file: proto.Message.IImageMessage, { mediaId }: Reading): Of<'image'> => ({
  type: 'image',
  content: captionOf(file),
  media: mediaOf(file, mediaId('image')),
  ...(file.viewOnce ? { viewOnce: true } : {}),
});

export const readVideo = (file: proto.Message.IVideoMessage, { mediaId }: Reading): Of<'video'> => ({
  type: 'video',
  content: captionOf(file),
  media: { ...mediaOf(file, mediaId('video')), ...(file.gifPlayback ? { gif: true } : {}) },
  ...(file.viewOnce ? { viewOnce: true } : {}),
});

export function readVideoNote(file: proto.Message.IVideoMessage, reading: Reading): Of<'video'> {
  const read = readVideo(file, reading);
  return { ...read, media: { ...read.media, videoNote: true } };
}

export function readAudio(file: proto.Message.IAudioMessage, { mediaId }: Reading): Of<'audio'> {
  const voice = file.ptt === true;
  const waveform = voice && file.waveform?.length ? [...file.waveform.slice(0, WAVEFORM_BYTES)] : undefined;
  return {
    type: 'audio',
    content: null,
    media: { ...mediaOf(file, mediaId('audio')), voice, ...known({ waveform }) },
    ...(file.viewOnce ? { viewOnce: true } : {}),
  };
}

export const readDocument = (file: proto.Message.IDocumentMessage, { mediaId }: Reading): Of<'document'> => ({
  type: 'document',
  content: captionOf(file),
  media: {
    ...mediaOf(file, mediaId('document')),
    ...known({
      filename: textOf(file.fileName || file.title, 'line')
        ?.slice(0, 255)
        .toWellFormed(),
      pages: wholeOf(file.pageCount, 1),
    }),
  },
});

export const readSticker = (file: proto.Message.IStickerMessage, { mediaId }: Reading): Of<'sticker'> => ({
  type: 'sticker',
  content: null,
  media: {
    ...mediaOf(file, mediaId('sticker')),
    ...(file.isAnimated || file.isLottie ? { animated: true } : {}),
  },
});

interface Headed {
  imageMessage?: proto.Message.IImageMessage | null;
  videoMessage?: proto.Message.IVideoMessage | null;
  documentMessage?: proto.Message.IDocumentMessage | null;
}

/** The file in the header of what companies send. */
export function readHeaderFile(
  header: Headed | null | undefined,
  reading: Reading,
): MessageMedia | undefined {
  if (header?.imageMessage) return readImage(header.imageMessage, reading).media;
  if (header?.videoMessage) return readVideo(header.videoMessage, reading).media;
  return header?.documentMessage ? readDocument(header.documentMessage, reading).media : undefined;
}
