import * as z from 'zod';
import { someOf } from '../contract/paging.ts';
import { WEBHOOK_EVENTS } from '../events/registry.ts';
import { HOST_PATTERN } from '../outbound/outbound-policy.ts';
import { caseless, Slug } from '../text/slug.ts';
import { text } from '../text/text.ts';

export const WebhookParams = z.object({ webhookId: z.string().min(1).max(64) });

const Url = text()
  .max(2048)
  .refine((text) => {
    if (!URL.canParse(text)) return false;
    const url = new URL(text);
    return /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  }, 'use an http(s) URL without credentials in it')
  .meta({
    pattern: `^https?://${HOST_PATTERN}(/[!-~]*)?$`,
    examples: ['https://example.com/hook'],
  });

const Secret = z
  .string()
  .regex(
    /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/,
    'use whsec_ followed by 24 to 64 bytes in base64, or leave it out',
  )
  .meta({ examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'] });

const fields = {
  url: Url,
  events: z
    .array(caseless([...WEBHOOK_EVENTS, '*'] as const))
    .min(1, 'name at least one event, or "*" for all')
    .max(WEBHOOK_EVENTS.length + 1)
    .meta({ examples: [['message.received', 'session.status']] }),
  sessionIds: z
    .array(Slug)
    .min(1, 'name at least one session, or null for all')
    .max(100)
    .nullable()
    .optional()
    .meta({
      description:
        'Only what happens in these sessions. null: in all of the account, also in those created later; so it is as well for a new webhook where this is left out.',
    }),
  secret: Secret.optional(),
  active: z.boolean().optional(),
};
export const CreateWebhook = z.object(fields);
export const UpdateWebhook = z
  .object(fields)
  .partial()
  .refine(
    (change) => Object.values(change).some((value) => value !== undefined),
    'name what to change: url, events, sessionIds, secret or active',
  )
  .meta({ ...someOf(...Object.keys(fields)), examples: [{ events: ['message.received'], active: true }] });

/** A webhook as its tenant sees it; the secret is shown only when it is created or replaced. */
export const Webhook = z.object({
  webhookId: z.string(),
  url: z.string(),
  events: z.array(z.enum([...WEBHOOK_EVENTS, '*'])),
  sessionIds: z.array(z.string()).nullable(),
  active: z.boolean(),
  disabledReason: z.string().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  secret: z.string().optional(),
});
export type Webhook = z.infer<typeof Webhook>;

export const DELIVERY_STATUSES = ['pending', 'delivered', 'retrying', 'failed'] as const;

export const Delivery = z.object({
  deliveryId: z.string().meta({ description: 'The webhook-id header: the same on every attempt.' }),
  type: z.enum(WEBHOOK_EVENTS),
  sessionId: z.string().nullable(),
  status: z.enum(DELIVERY_STATUSES),
  attempts: z.array(
    z.object({
      at: z.iso.datetime(),
      statusCode: z.number().int().nullable(),
      latencyMs: z.number(),
      responseHead: z.string().nullable(),
      error: z.string().nullable(),
    }),
  ),
  nextAttemptAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
});
export type Delivery = z.infer<typeof Delivery>;
