import { randomBytes } from 'node:crypto';

/** The folders of media, each by the letter that its files' ids begin with. */
const FOLDERS = { i: 'images', d: 'documents', a: 'audio', v: 'video' } as const;
type Letter = keyof typeof FOLDERS;

const LETTER: Readonly<Record<string, Letter>> = {
  image: 'i',
  sticker: 'i',
  document: 'd',
  audio: 'a',
  video: 'v',
};

/** A letter, then hex; an upload's id has `u` before it. The id alone locates the file. */
const MEDIA_ID = /^(u?)([idav])[0-9a-f]{24,40}$/;

export const isMediaId = (text: string): boolean => MEDIA_ID.test(text);
export const isUploadId = (mediaId: string): boolean => mediaId.startsWith('u');

/** The id of a received file; `digest` in hex is the same each time the same message arrives. */
export const receivedMediaId = (type: string, digest: string): string => `${LETTER[type] ?? 'd'}${digest}`;

/** @param kind image, audio, video or document */
export const newUploadId = (kind: string): string =>
  `u${LETTER[kind] ?? 'd'}${randomBytes(16).toString('hex')}`;

/**
 * The key under which a file is kept.
 * @throws RangeError for text that is not a media id
 */
export function mediaKey(sessionId: string, mediaId: string): string {
  const letter = MEDIA_ID.exec(mediaId)?.[2];
  if (letter === undefined) throw new RangeError('not a media id');
  return `media/${sessionId}/${FOLDERS[letter as Letter]}/${mediaId}`;
}

/** The key under which an upload waits; the bucket expires it after a day. */
export const uploadPrefix = (sessionId: string): string => `temp/${sessionId}/`;
export const uploadKey = (sessionId: string, mediaId: string): string =>
  `${uploadPrefix(sessionId)}${mediaId}`;
