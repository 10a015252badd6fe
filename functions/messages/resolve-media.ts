import { AppError } from '../../shared/errors/app-error.ts';
import { findMisfit } from '../../shared/media/media-types.ts';
import { isMediaType, type SendBody } from '../../shared/messages/schema.ts';
import type { SessionItem } from '../../shared/sessions/session-item.ts';
import type { Deps } from '../deps.ts';

const invalid = (message: string) =>
  new AppError('VALIDATION_ERROR', `Check "media" in the body: ${message}.`, {
    details: [{ path: 'media', message }],
  });

async function resolveOne(deps: Deps, session: SessionItem, body: SendBody): Promise<SendBody> {
  const { media } = body;
  if (media === undefined || !('mediaId' in media)) return body;
  const { sessionId, createdAt } = session;
  const record = await deps.stores.media.get(sessionId, media.mediaId);
  // A session that was made anew under the same id has none of the earlier one's.
  if (record === undefined || record.createdAt < createdAt)
    throw new AppError('NOT_FOUND', 'There is no upload with this mediaId for this session.');
  const misfit = isMediaType(body.type) ? findMisfit(body.type, record) : undefined;
  if (misfit !== undefined) throw invalid(misfit);
  const { mimetype, sizeBytes, filename } = record;
  const named = filename === null ? {} : { filename };
  return { ...body, media: { mimetype, ...named, ...media, sizeBytes } };
}

/**
 * The message with what its upload was declared to be, which the worker holds the upload itself against.
 * @throws AppError NOT_FOUND where there is no such upload of this session, VALIDATION_ERROR where it does not suit
 */
export function resolveMedia<Body extends SendBody>(
  deps: Deps,
  session: SessionItem,
  body: Body,
): Promise<Body> {
  return resolveOne(deps, session, body) as Promise<Body>;
}
