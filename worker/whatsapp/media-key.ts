const FOLDER: Readonly<Record<string, string>> = {
  image: 'images',
  sticker: 'images',
  document: 'documents',
  audio: 'audio',
  video: 'video',
};

/** Where a file of a session stands on the object store. */
export function mediaKey(sessionId: string, type: string, mediaId: string): string {
  return `media/${sessionId}/${FOLDER[type] ?? 'documents'}/${mediaId}`;
}
