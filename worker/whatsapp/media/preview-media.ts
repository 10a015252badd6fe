import { getAudioDuration, type WAMediaUpload } from '@whiskeysockets/baileys';
import PQueue from 'p-queue';
import type { Metadata } from 'sharp';
import type { MediaType } from '../../../shared/messages/schema.ts';
import type { FileOnDisk } from '../../storage/temporary-file.ts';

/** What a file says: in memory where it came within a request, else on disk. */
export type MediaContent = Buffer | FileOnDisk;

/** In Baileys' terms: it reads a file piece by piece. */
export const toUpload = (content: MediaContent): WAMediaUpload =>
  Buffer.isBuffer(content) ? content : { url: content.path };

/** As libraries take it that read either. */
export const toInput = (content: MediaContent): Buffer | string =>
  Buffer.isBuffer(content) ? content : content.path;

/** What a message shows of its file before it is downloaded. */
export interface MediaPreview {
  /** Base64; null, not absent, where there is none: Baileys would decode the file itself, without any bound. */
  jpegThumbnail: string | null;
  width?: number;
  height?: number;
  seconds?: number;
}

const WIDTH = 32;
const QUALITY = 50;
const TIMEOUT_S = 10;
/** Of one picture in memory while it is decoded. */
export const MOST_DECODED_BYTES = 100_000_000;
/** One after another in the whole process; where more wait, messages go without. */
const MOST_WAITING = 50;
const queue = new PQueue({ concurrency: 1 });

/** Formats that libvips decodes row by row, unless they are interlaced or progressive. */
const BY_ROWS: ReadonlySet<string | undefined> = new Set(['jpeg', 'png']);
const DEPTH_BYTES: Readonly<Record<string, number>> = {
  ushort: 2,
  short: 2,
  uint: 4,
  int: 4,
  float: 4,
  double: 8,
};

/**
 * Thumbnail and size of a picture, length of a recording. A file that cannot be read, or takes more memory than
 * may be spent on it, is sent without.
 */
export async function previewMedia(type: MediaType, content: MediaContent): Promise<MediaPreview> {
  if (queue.size >= MOST_WAITING) return { jpegThumbnail: null };
  if (type === 'image') return await queue.add(() => previewImage(content));
  if (type === 'audio') return await queue.add(() => previewAudio(content));
  return { jpegThumbnail: null };
}

async function previewImage(content: MediaContent): Promise<MediaPreview> {
  try {
    // Loaded with the first picture: many workers never see one.
    const { default: sharp } = await import('sharp');
    sharp.cache(false);
    sharp.concurrency(1);
    const open = () => sharp(toInput(content), { sequentialRead: true, limitInputPixels: false });
    const metadata = await open().metadata();
    const { width, height } = metadata;
    if (decodedBytes(metadata) > MOST_DECODED_BYTES) return { jpegThumbnail: null, width, height };
    const drawn = open().resize(WIDTH).jpeg({ quality: QUALITY }).timeout({ seconds: TIMEOUT_S });
    return { jpegThumbnail: (await drawn.toBuffer()).toString('base64'), width, height };
  } catch {
    return { jpegThumbnail: null };
  }
}

/** What is in memory at one time: all of the picture, or some rows of it. */
export function decodedBytes({ width, height, format, isProgressive, channels, depth }: Metadata): number {
  const rows = BY_ROWS.has(format) && !isProgressive ? Math.min(height, ROWS) : height;
  return width * rows * Math.max(channels, LEAST_CHANNELS) * (DEPTH_BYTES[depth] ?? 1);
}

/** More than libvips reads ahead. */
const ROWS = 512;
/** Palettes and grey become colours. */
const LEAST_CHANNELS = 3;

async function previewAudio(content: MediaContent): Promise<MediaPreview> {
  const seconds = await getAudioDuration(toInput(content)).catch(() => undefined);
  // Given in any case: Baileys would look for it once more.
  return { jpegThumbnail: null, seconds: Math.round(seconds ?? 0) };
}
