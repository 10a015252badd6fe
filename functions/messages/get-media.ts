import { AppError } from '../../shared/errors/app-error.ts';
import { isMediaId, isUploadId, mediaKey, uploadKey } from '../../shared/media/media-id.ts';
import { getMedia } from '../../shared/media/routes.ts';
import type { Deps } from '../deps.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession } from '../sessions/own-session.ts';
import { findObject } from './find-object.ts';

const EXPIRES_S = 5 * 60;

const noSuchMedia = () => new AppError('NOT_FOUND', 'There is no file with this id.');

async function findKey(deps: Deps, sessionId: string, mediaId: string): Promise<string | undefined> {
  const kept = mediaKey(sessionId, mediaId);
  if ((await findObject(deps, kept)) !== undefined) return kept;
  const waiting = uploadKey(sessionId, mediaId);
  return isUploadId(mediaId) && (await findObject(deps, waiting)) !== undefined ? waiting : undefined;
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
