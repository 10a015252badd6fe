import { AppError } from '../../shared/errors/app-error.ts';
import { isMediaId, isUploadId, mediaKey, uploadKey } from '../../shared/messages/media/media-id.ts';
import { getMedia } from '../../shared/messages/media/routes.ts';
import type { SessionItem } from '../../shared/sessions/session-item.ts';
import type { Deps } from '../deps.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession } from '../sessions/own-session.ts';
import { findObject, isOfSession } from './media/find-object.ts';

const EXPIRES_S = 5 * 60;

interface File {
  key: string;
  filename?: string | undefined;
}

async function findReceived(deps: Deps, session: SessionItem, mediaId: string): Promise<File | undefined> {
  const key = mediaKey(session.sessionId, mediaId);
  const found = await findObject(deps, key);
  return found !== undefined && isOfSession(found, session) ? { key } : undefined;
}

/**
 * A file that was sent is kept like a received one; before that it waits in `temp/`. The time of its
 * declaration shows which session it belongs to.
 */
async function findUpload(deps: Deps, session: SessionItem, mediaId: string): Promise<File | undefined> {
  const { sessionId, createdAt } = session;
  const waiting = uploadKey(sessionId, mediaId);
  const kept = mediaKey(sessionId, mediaId);
  const [record, ...found] = await Promise.all([
    deps.stores.media.get(sessionId, mediaId),
    findObject(deps, kept),
    findObject(deps, waiting),
  ]);
  const key = [kept, waiting].find((_, index) => found[index] !== undefined);
  if (key === undefined) return undefined;
  if (record !== undefined)
    return record.createdAt < createdAt ? undefined : { key, filename: record.filename ?? undefined };
  // Upload records expire after a month, kept files do not.
  return found.some((each) => each !== undefined && isOfSession(each, session)) ? { key } : undefined;
}

export const handler = implement(getMedia, async ({ caller, params }, deps) => {
  const session = await findOwnSession(deps, caller, params.sessionId);
  const { mediaId } = params;
  const find = isUploadId(mediaId) ? findUpload : findReceived;
  const file = isMediaId(mediaId) ? await find(deps, session, mediaId) : undefined;
  if (file === undefined) throw new AppError('NOT_FOUND', 'There is no file with this id.');
  const { key, filename } = file;
  const location = await deps.objects.signGet(key, { expiresS: EXPIRES_S, filename });
  return { raw: { body: '', contentType: 'text/plain; charset=utf-8' }, headers: { location } };
});
