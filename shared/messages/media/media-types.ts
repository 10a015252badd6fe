import type { MediaType } from '../schema.ts';

export const MEBIBYTE = 1_048_576;

/**
 * The largest file that WhatsApp takes for each type of message. Documents may have 2 GiB there; here they
 * have what a worker can hold in memory for each of its sessions.
 */
export const MAX_BYTES: Readonly<Record<MediaType, number>> = {
  image: 16 * MEBIBYTE,
  sticker: MEBIBYTE,
  audio: 16 * MEBIBYTE,
  video: 64 * MEBIBYTE,
  document: 64 * MEBIBYTE,
};

/** Bytes of the largest type. */
export const MAX_UPLOAD_BYTES = Math.max(...Object.values(MAX_BYTES));

/** The media types of each kind of message; any file can also be sent as a document. */
export function kindOf(mimetype: string): Exclude<MediaType, 'sticker'> {
  const [major] = mimetype.toLowerCase().split('/');
  if (major === 'image' || major === 'audio' || major === 'video') return major;
  return mimetype.startsWith('application/ogg') ? 'audio' : 'document';
}

/** Says why a file cannot be sent as this type, as the end of a sentence; `undefined` where it can. */
export function findMisfit(
  type: MediaType,
  { mimetype, sizeBytes }: { mimetype: string; sizeBytes: number },
): string | undefined {
  const needed = type === 'sticker' ? 'image' : type;
  if (needed !== 'document' && needed !== kindOf(mimetype))
    return `the file is ${mimetype}, which is not of type ${type}; send it as a document`;
  const most = MAX_BYTES[type];
  return sizeBytes > most ? `a message of type ${type} has at most ${toMebibytes(most)} MiB` : undefined;
}

export const toMebibytes = (bytes: number): number => Math.floor(bytes / MEBIBYTE);
