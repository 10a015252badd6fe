import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { type EventType, WEBHOOK_EVENTS } from '../events/registry.ts';
import type { Webhook } from './schema.ts';

export const MAX_WEBHOOKS = 20;

export const WebhookItem = z.object({
  userId: z.string(),
  webhookId: z.string(),
  url: z.string(),
  events: z.array(z.enum([...WEBHOOK_EVENTS, '*'])),
  sessionIds: z.array(z.string()).nullable(),
  active: z.boolean(),
  /** Stored as it is, since it must sign; shown only when it is set. */
  secret: z.string(),
  /** The former secret also signs for a while after it was replaced. */
  previousSecret: z.string().optional(),
  previousSecretUntil: z.iso.datetime().optional(),
  disabledReason: z.string().nullable(),
  /** The first failure since the last success. */
  failingSince: z.iso.datetime().optional(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type WebhookItem = z.infer<typeof WebhookItem>;

/**
 * An account has numbered places for webhooks, each one item: a conditional put into a free place keeps the
 * bound under concurrent creates. The id contains the place.
 */
export const webhookPartition = (userId: string) => `WEBHOOKS#${userId}`;
export const PLACES = Array.from({ length: MAX_WEBHOOKS }, (_, index) => String(index).padStart(2, '0'));

const ID = /^wh_(\d\d)[0-9a-f]{20}$/;

export const newWebhookId = (place: string) => `wh_${place}${randomBytes(10).toString('hex')}`;

/** Returns `undefined` for an id that no webhook can have. */
export function webhookKey(userId: string, webhookId: string) {
  const place = ID.exec(webhookId)?.[1];
  return place === undefined ? undefined : { pk: webhookPartition(userId), sk: place };
}

/**
 * Tells whether a webhook subscribes to an event. A session filter passes events that belong to no session.
 */
export function wants(
  webhook: Pick<WebhookItem, 'active' | 'events' | 'sessionIds'>,
  event: { type: EventType; sessionId: string | null },
): boolean {
  const { active, events, sessionIds } = webhook;
  if (!active || !events.some((wanted) => wanted === '*' || wanted === event.type)) return false;
  return sessionIds === null || event.sessionId === null || sessionIds.includes(event.sessionId);
}

/** The secrets to sign with. `now` is in milliseconds. */
export function signingSecrets(item: WebhookItem, now: number): string[] {
  const { secret, previousSecret, previousSecretUntil } = item;
  const isRecent = previousSecretUntil !== undefined && Date.parse(previousSecretUntil) > now;
  return previousSecret !== undefined && isRecent ? [secret, previousSecret] : [secret];
}

/** A webhook as its tenant sees it; without its secret. */
export function toWebhook(item: WebhookItem): Webhook {
  const { webhookId, url, events, sessionIds, active, disabledReason, createdAt, updatedAt } = item;
  return { webhookId, url, events, sessionIds, active, disabledReason, createdAt, updatedAt };
}
