import * as z from 'zod';
import { defineRoute, TENANT } from '../../contract/route.ts';
import { SessionParams } from '../../sessions/schema.ts';
import { nameOf } from '../../text/text.ts';
import { MAX_BYTES, MAX_UPLOAD_BYTES, toMebibytes } from './media-types.ts';

/** A media type, with parameters where it has any. */
const Mimetype = z
  .string()
  .max(127)
  .regex(/^[\w.+-]+\/[\w.+-]+(?:; ?[\w.+-]+=[\w.+-]+)*$/, 'use a media type such as image/jpeg')
  .meta({ examples: ['application/pdf'] });

export const createMedia = defineRoute({
  id: 'createMedia',
  group: 'messages',
  method: 'POST',
  path: '/api/v1/sessions/{sessionId}/media',
  callers: TENANT,
  summary: 'A place to upload a file to, for files that are too large for a request',
  description: [
    'PUT the file to `uploadUrl` with exactly the given `headers`, before `expiresAt`: another type or length is refused by the storage itself.',
    'Then send it with `media: { mediaId }`. What has not been sent a day later is deleted; what has been sent stays with the session, and can be sent again for 30 days.',
    `At most ${toMebibytes(MAX_UPLOAD_BYTES)} MiB, which is what videos and documents have; sent as images or audio, files have at most ${toMebibytes(MAX_BYTES.image)} MiB, as stickers ${toMebibytes(MAX_BYTES.sticker)}.`,
    'Every request gets a place of its own, and takes no `Idempotency-Key`: a place that is not used costs nothing.',
  ].join('\n\n'),
  params: SessionParams,
  body: z.object({
    mimetype: Mimetype,
    sizeBytes: z
      .number()
      .int()
      .min(1)
      .max(MAX_UPLOAD_BYTES)
      .meta({ examples: [204800] }),
    filename: nameOf(255)
      .optional()
      .meta({ description: 'Shown to recipients of documents.', examples: ['invoice.pdf'] }),
  }),
  answer: z.object({
    mediaId: z.string(),
    uploadUrl: z.url().meta({ description: 'Signed; for one PUT.' }),
    method: z.literal('PUT'),
    headers: z
      .record(z.string(), z.string())
      .meta({ description: 'To send with the PUT, exactly as they are.' }),
    mimetype: z.string(),
    sizeBytes: z.number().int(),
    filename: z.string().nullable(),
    expiresAt: z.iso.datetime().meta({ description: 'Of the URL.' }),
  }),
  statuses: [201],
  errors: ['STORAGE_UNAVAILABLE'],
});

export const getMedia = defineRoute({
  id: 'getMedia',
  group: 'messages',
  method: 'GET',
  path: '/api/v1/sessions/{sessionId}/media/{mediaId}',
  callers: TENANT,
  summary: 'A file that was uploaded or received: redirects to a signed URL that lives for minutes',
  params: SessionParams.extend({ mediaId: z.string().min(1).max(64) }),
  answer: z.undefined(),
  raw: ['text/plain'],
  statuses: [302],
  errors: ['STORAGE_UNAVAILABLE'],
});

export const mediaRoutes = [createMedia, getMedia] as const;
