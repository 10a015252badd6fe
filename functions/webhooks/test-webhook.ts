import { randomUUID } from 'node:crypto';
import { createEvent } from '../../shared/events/create-event.ts';
import { webhookTest } from '../../shared/events/gateway-events.ts';
import { renderPayload } from '../../shared/events/webhook-payload.ts';
import { testWebhook } from '../../shared/webhooks/routes.ts';
import { implement } from '../http/implement.ts';
import { laterMessage } from './delivery/delivery-message.ts';
import { CLAIM_MS } from './delivery/sweep.ts';
import { findOwnWebhook, requireActive } from './own-webhook.ts';

export const handler = implement(testWebhook, async ({ caller, params, seed }, deps) => {
  const webhook = await findOwnWebhook(deps, caller, params.webhookId);
  requireActive(webhook);
  const { userId, webhookId } = webhook;
  const event = createEvent(webhookTest, {
    fact: seed ?? randomUUID(),
    at: new Date(deps.now()).toISOString(),
    sessionId: null,
    data: { webhookId, message: 'This is a test event.' },
  });
  const { id: deliveryId, type, sessionId } = event;
  const delivery = { userId, webhookId, deliveryId, type, sessionId, payload: renderPayload(event) };
  // The delivery is stored first: where the queue fails, the sweeper finds it.
  const dueAt = new Date(deps.now() + CLAIM_MS).toISOString();
  const opened = await deps.stores.deliveries.open(delivery, dueAt);
  await deps.queues.deliveries.send([laterMessage(opened, dueAt)]);
  return { data: { deliveryId: opened.deliveryId } };
});
