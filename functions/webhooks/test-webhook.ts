import { randomUUID } from 'node:crypto';
import { testWebhook } from '../../shared/webhooks/routes.ts';
import { renderBatch, renderEvent } from '../../shared/webhooks/webhook-event.ts';
import { implement } from '../http/implement.ts';
import { laterMessage } from './delivery/delivery-message.ts';
import { CLAIM_MS } from './delivery/sweep.ts';
import { findOwnWebhook, requireActive } from './own-webhook.ts';

export const handler = implement(testWebhook, async ({ caller, params, seed }, deps) => {
  const webhook = await findOwnWebhook(deps, caller, params.webhookId);
  requireActive(webhook);
  const { userId, webhookId, batch } = webhook;
  const sessionId = null;
  const at = new Date(deps.now()).toISOString();
  const data = { webhookId, message: 'This is a test event.' };
  const event = renderEvent({ id: seed ?? randomUUID(), type: 'webhook.test', sessionId, at, data });
  const rendered = batch ? { ...renderBatch([event]), type: 'batch' as const } : event;
  const { deliveryId, type, payload } = rendered;
  // Written down first: should the queue not take it, the sweeper will find it.
  const dueAt = new Date(deps.now() + CLAIM_MS).toISOString();
  const delivery = { userId, webhookId, sessionId, deliveryId, type, payload };
  const opened = await deps.stores.deliveries.open(delivery, dueAt);
  await deps.queues.deliveries.send([laterMessage(opened, dueAt)]);
  return { data: { deliveryId: opened.deliveryId } };
});
