import * as z from 'zod';
import { PageQuery, Pagination } from '../contract/paging.ts';
import { defineRoute, TENANT } from '../contract/route.ts';
import { CreateWebhook, Delivery, UpdateWebhook, Webhook, WebhookParams } from './schema.ts';
import { MAX_WEBHOOKS } from './webhook-item.ts';

const base = { group: 'webhooks', callers: TENANT } as const;
const one = { ...base, params: WebhookParams } as const;
const deliveryParams = WebhookParams.extend({ deliveryId: z.string().min(1).max(128) });

export const createWebhook = defineRoute({
  ...base,
  id: 'createWebhook',
  method: 'POST',
  path: '/api/v1/webhooks',
  summary: 'Have events sent to a URL of yours, signed after Standard Webhooks',
  description: `At most ${MAX_WEBHOOKS} per account. The secret is shown in this answer only. Events arrive at least once, each with one webhook-id on every attempt: drop what you have seen. Answer with 2xx within 10 s; anything else is tried again with growing delays for a day.`,
  body: CreateWebhook,
  answer: Webhook,
  statuses: [201],
  errors: ['CONFLICT', 'NOT_FOUND'],
});

export const listWebhooks = defineRoute({
  ...base,
  id: 'listWebhooks',
  method: 'GET',
  path: '/api/v1/webhooks',
  summary: 'The account’s webhooks',
  query: PageQuery,
  answer: z.object({ webhooks: z.array(Webhook), pagination: Pagination }),
});

export const getWebhook = defineRoute({
  ...one,
  id: 'getWebhook',
  method: 'GET',
  path: '/api/v1/webhooks/{webhookId}',
  summary: 'One webhook',
  answer: Webhook,
});

export const updateWebhook = defineRoute({
  ...one,
  id: 'updateWebhook',
  method: 'PUT',
  alsoBy: { PATCH: 'patchWebhook' },
  path: '/api/v1/webhooks/{webhookId}',
  summary: 'Change a webhook, or switch it on again',
  description: 'A secret that is replaced goes on signing beside the new one for 24 hours.',
  body: UpdateWebhook,
  answer: Webhook,
});

export const deleteWebhook = defineRoute({
  ...one,
  id: 'deleteWebhook',
  method: 'DELETE',
  path: '/api/v1/webhooks/{webhookId}',
  summary: 'Remove a webhook; deliveries under way are dropped',
  answer: z.object({ webhookId: z.string() }),
});

export const testWebhook = defineRoute({
  ...one,
  id: 'testWebhook',
  method: 'POST',
  path: '/api/v1/webhooks/{webhookId}/test',
  summary: 'Send a webhook.test event',
  answer: z.object({ deliveryId: z.string() }),
  statuses: [202],
  errors: ['CONFLICT', 'STORAGE_UNAVAILABLE'],
  idempotent: true,
});

export const listDeliveries = defineRoute({
  ...one,
  id: 'listDeliveries',
  method: 'GET',
  path: '/api/v1/webhooks/{webhookId}/deliveries',
  summary: 'Deliveries with their attempts, newest first',
  query: PageQuery,
  answer: z.object({ deliveries: z.array(Delivery), pagination: Pagination }),
});

export const replayDelivery = defineRoute({
  ...base,
  id: 'replayDelivery',
  method: 'POST',
  path: '/api/v1/webhooks/{webhookId}/deliveries/{deliveryId}/replay',
  summary: 'Send a delivery again, with the same webhook-id',
  params: deliveryParams,
  answer: z.object({ deliveryId: z.string() }),
  statuses: [202],
  errors: ['CONFLICT', 'STORAGE_UNAVAILABLE'],
  idempotent: true,
});

export const webhookRoutes = [
  createWebhook,
  listWebhooks,
  getWebhook,
  updateWebhook,
  deleteWebhook,
  testWebhook,
  listDeliveries,
  replayDelivery,
] as const;
