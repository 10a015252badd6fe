import * as z from 'zod';
import { MESSAGE_STATUSES } from '../../messages/schema.ts';
import { toJsonSchema } from '../../openapi/json-schema.ts';
import { SESSION_STATUSES } from '../../sessions/schema.ts';
import { caseless, Slug } from '../../text/slug.ts';

/**
 * Workers report flat or in an envelope whose `data` holds the payload; both end up flat. Fields of `data`
 * win, since the payload itself is there.
 */
const Envelope = z
  .looseObject({ sessionId: z.unknown(), data: z.record(z.string(), z.unknown()).optional() })
  .transform(({ data, ...outer }): Record<string, unknown> => ({ ...outer, ...data }));

const order = {
  id: z.string().max(128).optional().meta({ description: 'Stable over repeated deliveries.' }),
  epoch: z
    .number()
    .int()
    .optional()
    .meta({ description: 'Of the session’s ownership; absent from workers that know no epochs.' }),
  seq: z
    .number()
    .int()
    .optional()
    .meta({ description: 'Rises with every report of a session within an epoch.' }),
  timestamp: z.iso.datetime({ offset: true }).optional(),
  workerId: z.string().max(128).optional(),
  sessionId: Slug,
};

export const SessionReport = z.object({
  ...order,
  status: caseless(SESSION_STATUSES).meta({ enum: SESSION_STATUSES.map((word) => word.toLowerCase()) }),
  phoneNumber: z.string().max(32).nullish(),
  qrCode: z.string().max(100_000).nullish(),
  qrString: z.string().max(4096).nullish(),
  qrExpiresAt: z.iso.datetime({ offset: true }).nullish(),
  error: z.string().max(1000).nullish(),
  errorCode: z.string().max(64).nullish(),
});
export type SessionReport = z.infer<typeof SessionReport>;

export const MessageReport = z.object({
  ...order,
  messageId: z.string().min(1).max(128),
  status: caseless(MESSAGE_STATUSES),
  to: z.string().max(128).nullish(),
  error: z.string().max(1000).nullish(),
  errorCode: z.string().max(64).nullish(),
});
export type MessageReport = z.infer<typeof MessageReport>;

/** Both forms, for the OpenAPI document. */
function bothForms(report: z.ZodObject, example: object) {
  const { sessionId: _, ...payload } = report.shape;
  const enveloped = z.object({ sessionId: Slug, data: z.object(payload) });
  return {
    anyOf: [report, enveloped].map((form) => toJsonSchema(form, 'input')),
    examples: [example],
  };
}

const ABOUT = { sessionId: 'u4k2-support-line', epoch: 3, seq: 17 };
export const SessionReportBody = Envelope.pipe(SessionReport).meta(
  bothForms(SessionReport, { ...ABOUT, status: 'connected', phoneNumber: '6281234567890' }),
);
export const MessageReportBody = Envelope.pipe(MessageReport).meta(
  bothForms(MessageReport, { ...ABOUT, messageId: '3EB0A1B2C3D4E5F60718', status: 'delivered' }),
);
