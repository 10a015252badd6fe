import type { MediaType } from '../schema.ts';

export const MEBIBYTE = 1_048_576;

/**
 * The most that WhatsApp takes of each type of message that has a file. Documents may have 2 GiB there; here they
 * have what a worker can hold in memory for each of its sessions.
 */
export const MAX_BYTES: Readonly<Record<MediaType, number>> = {
  image: 16 * MEBIBYTE,
  sticker: MEBIBYTE,
  audio: 16 * MEBIBYTE,
  video: 64 * MEBIBYTE,
  document: 64 * MEBIBYTE,
};

/** Of the largest. */
export const MAX_UPLOAD_BYTES = Math.max(...Object.values(MAX_BYTES));

/** What a file is by its type alone; any file can be sent as a document, too. */
export function kindOf(mimetype: string): Exclude<MediaType, 'sticker'> {
  const [major] = mimetype.toLowerCase().split('/');
  if (major === 'image' || major === 'audio' || major === 'video') return major;
  return mimetype.startsWith('application/ogg') ? 'audio' : 'document';
}

/** Why a file cannot be sent as this type, as the end of a sentence; `undefined` where it can. */
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
