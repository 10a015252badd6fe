import { AppError } from '../../../shared/errors/app-error.ts';
import { isMediaId, isUploadId, mediaKey } from '../../../shared/messages/media/media-id.ts';
import { findMisfit } from '../../../shared/messages/media/media-types.ts';
import { isMediaType } from '../../../shared/messages/schema.ts';
import type { SendBody } from '../../../shared/messages/send-body.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import type { Deps } from '../../deps.ts';
import { findObject, isOfSession } from '../media/find-object.ts';

const invalid = (message: string) =>
  new AppError('VALIDATION_ERROR', `Check "media" in the body: ${message}.`, {
    details: [{ path: 'media', message }],
  });

interface KnownFile {
  mimetype: string;
  sizeBytes: number;
  filename: string | null;
}

/** A session that was created anew under the same id has none of the former one's files. */
async function findUpload(deps: Deps, session: SessionItem, mediaId: string): Promise<KnownFile | undefined> {
  const record = await deps.stores.media.get(session.sessionId, mediaId);
  return record === undefined || record.createdAt < session.createdAt ? undefined : record;
}

/** The same holds for received files, whose type is stored with the file itself. */
async function findReceived(
  deps: Deps,
  session: SessionItem,
  mediaId: string,
): Promise<KnownFile | undefined> {
  const key = mediaKey(session.sessionId, mediaId);
  const found = await findObject(deps, key);
  if (found === undefined || !isOfSession(found, session)) return undefined;
  const kept = await deps.objects.head(key);
  if (kept === undefined) return undefined;
  const { sizeBytes, mimetype = 'application/octet-stream' } = kept;
  return { sizeBytes, mimetype, filename: null };
}

async function findFile(deps: Deps, session: SessionItem, mediaId: string): Promise<KnownFile | undefined> {
  if (!isMediaId(mediaId)) return undefined;
  const find = isUploadId(mediaId) ? findUpload : findReceived;
  return await find(deps, session, mediaId);
}

async function resolveOne(deps: Deps, session: SessionItem, body: SendBody): Promise<SendBody> {
  const { media } = body;
  if (media === undefined || !('mediaId' in media)) return body;
  const file = await findFile(deps, session, media.mediaId);
  if (file === undefined)
    throw new AppError('NOT_FOUND', 'There is no file with this mediaId for this session.');
  const misfit = isMediaType(body.type) ? findMisfit(body.type, file) : undefined;
  if (misfit !== undefined) throw invalid(misfit);
  const { mimetype, sizeBytes, filename } = file;
  const named = filename === null ? {} : { filename };
  return { ...body, media: { mimetype, ...named, ...media, sizeBytes } };
}

/**
 * Completes the message with its file's declared or stored type, which the worker checks against the file.
 * @throws AppError NOT_FOUND where this session has uploaded or received no such file, VALIDATION_ERROR where
 * the type does not fit, STORAGE_UNAVAILABLE
 */
export function resolveMedia<Body extends SendBody>(
  deps: Deps,
  session: SessionItem,
  body: Body,
): Promise<Body> {
  return resolveOne(deps, session, body) as Promise<Body>;
}
