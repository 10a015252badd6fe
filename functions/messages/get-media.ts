import { AppError } from '../../shared/errors/app-error.ts';
import { isMediaId, isUploadId, mediaKey, uploadKey } from '../../shared/media/media-id.ts';
import { getMedia } from '../../shared/media/routes.ts';
import type { Deps } from '../deps.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession } from '../sessions/own-session.ts';

const EXPIRES_S = 5 * 60;

const noSuchMedia = () => new AppError('NOT_FOUND', 'There is no file with this id.');

/**
 * Listed, not asked for: S3 answers for a missing object only to those who may list everything, and this function
 * may list these prefixes.
 */
async function exists({ objects }: Deps, key: string): Promise<boolean> {
  return (await objects.list(key)).some((found) => found.key === key);
}

async function findKey(deps: Deps, sessionId: string, mediaId: string): Promise<string | undefined> {
  const kept = mediaKey(sessionId, mediaId);
  if (await exists(deps, kept)) return kept;
  const waiting = uploadKey(sessionId, mediaId);
  return isUploadId(mediaId) && (await exists(deps, waiting)) ? waiting : undefined;
}

export const handler = implement(getMedia, async ({ caller, params }, deps) => {
  const { sessionId } = await findOwnSession(deps, caller, params.sessionId);
  const { mediaId } = params;
  if (!isMediaId(mediaId)) throw noSuchMedia();
  const [key, record] = await Promise.all([
    findKey(deps, sessionId, mediaId),
    isUploadId(mediaId) ? deps.stores.media.get(sessionId, mediaId) : undefined,
  ]);
  if (key === undefined) throw noSuchMedia();
  const filename = record?.filename ?? undefined;
  const location = await deps.objects.signGet(key, { expiresS: EXPIRES_S, filename });
  return { raw: { body: '', contentType: 'text/plain; charset=utf-8' }, headers: { location } };
});
