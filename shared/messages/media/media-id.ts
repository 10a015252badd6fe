import { randomBytes } from 'node:crypto';

/** The contract's folders, section 5, each by the letter that an id of its files begins with. */
const FOLDERS = { i: 'images', d: 'documents', a: 'audio', v: 'video' } as const;
type Letter = keyof typeof FOLDERS;

const LETTER: Readonly<Record<string, Letter>> = {
  image: 'i',
  sticker: 'i',
  document: 'd',
  audio: 'a',
  video: 'v',
};

/** A letter, then hex; an upload's has `u` before it. Where a file stands follows from its id alone. */
const MEDIA_ID = /^(u?)([idav])[0-9a-f]{24,40}$/;

export const isMediaId = (text: string): boolean => MEDIA_ID.test(text);
export const isUploadId = (mediaId: string): boolean => mediaId.startsWith('u');

/** Of a received file; `digest` in hex, the same each time the same message arrives. */
export const receivedMediaId = (type: string, digest: string): string => `${LETTER[type] ?? 'd'}${digest}`;

/** @param kind image, audio, video or document */
export const newUploadId = (kind: string): string =>
  `u${LETTER[kind] ?? 'd'}${randomBytes(16).toString('hex')}`;

/** Where a file stays. @throws RangeError for what is no media id */
export function mediaKey(sessionId: string, mediaId: string): string {
  const letter = MEDIA_ID.exec(mediaId)?.[2];
  if (letter === undefined) throw new RangeError('not a media id');
  return `media/${sessionId}/${FOLDERS[letter as Letter]}/${mediaId}`;
}

/** Where uploads wait to be used; the bucket's rule removes what is a day old. */
export const uploadPrefix = (sessionId: string): string => `temp/${sessionId}/`;
export const uploadKey = (sessionId: string, mediaId: string): string =>
  `${uploadPrefix(sessionId)}${mediaId}`;
