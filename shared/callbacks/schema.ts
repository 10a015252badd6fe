import * as z from 'zod';
import { caseless } from '../ids/caseless.ts';
import { Slug } from '../ids/slug.ts';
import { MESSAGE_STATUSES } from '../messages/schema.ts';
import { SESSION_STATUSES } from '../sessions/schema.ts';

/**
 * Workers report flat (S0, S1) or in an envelope whose `data` carries the payload (S2); both end up flat.
 * What stands in `data` wins, since there it is the payload itself.
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
    .meta({ description: 'Of the session’s ownership; absent from seed-form workers.' }),
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
  status: caseless(SESSION_STATUSES),
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

export const SessionReportBody = Envelope.pipe(SessionReport);
export const MessageReportBody = Envelope.pipe(MessageReport);
