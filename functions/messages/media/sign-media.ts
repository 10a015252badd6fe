import * as z from 'zod';
import { isMediaId, mediaKey } from '../../../shared/messages/media/media-id.ts';
import type { ObjectBucket } from '../../../shared/objects/object-reader.ts';

/** The form in which workers report a file and the history keeps it. */
const ReportedMedia = z.looseObject({
  mediaId: z.string().refine(isMediaId),
  filename: z.string().nullish(),
  error: z.string().nullish(),
});

/** Long enough for a receiver that works through its own queue. */
const EXPIRES_S = 60 * 60;

/**
 * Adds a signed URL, valid for an hour, to a received file; a file that could not be kept stays as it is.
 * @throws AppError STORAGE_UNAVAILABLE without a bucket
 */
export async function signMedia<Media>(
  objects: Pick<ObjectBucket, 'signGet'>,
  sessionId: string,
  media: Media,
): Promise<Media | (Media & { url: string })> {
  const parsed = ReportedMedia.safeParse(media);
  if (!parsed.success || parsed.data.error) return media;
  const { mediaId, filename } = parsed.data;
  const key = mediaKey(sessionId, mediaId);
  const url = await objects.signGet(key, { expiresS: EXPIRES_S, filename: filename ?? undefined });
  return { ...media, url };
}
