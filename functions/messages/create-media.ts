import { newUploadId, uploadKey } from '../../shared/messages/media/media-id.ts';
import { kindOf } from '../../shared/messages/media/media-types.ts';
import { createMedia } from '../../shared/messages/media/routes.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession } from '../sessions/own-session.ts';

/** Long enough for the largest file over a slow line. */
const UPLOAD_EXPIRES_S = 15 * 60;

export const handler = implement(createMedia, async ({ caller, params, body }, deps) => {
  const { sessionId } = await findOwnSession(deps, caller, params.sessionId);
  const { mimetype, sizeBytes, filename = null } = body;
  const mediaId = newUploadId(kindOf(mimetype));
  const signed = { mimetype, sizeBytes, expiresS: UPLOAD_EXPIRES_S };
  // The URL is signed first: without a bucket nothing is stored.
  const uploadUrl = await deps.objects.signPut(uploadKey(sessionId, mediaId), signed);
  await deps.stores.media.create({ sessionId, mediaId, mimetype, sizeBytes, filename });
  return {
    data: {
      mediaId,
      uploadUrl,
      method: 'PUT' as const,
      headers: { 'content-type': mimetype, 'content-length': String(sizeBytes) },
      mimetype,
      sizeBytes,
      filename,
      expiresAt: new Date(deps.now() + UPLOAD_EXPIRES_S * 1000).toISOString(),
    },
    status: 201,
  };
});
