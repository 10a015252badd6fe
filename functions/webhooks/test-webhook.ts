import { randomUUID } from 'node:crypto';
import { testWebhook } from '../../shared/webhooks/routes.ts';
import { renderPayload } from '../../shared/webhooks/webhook-event.ts';
import { implement } from '../http/implement.ts';
import { laterMessage } from './delivery/delivery-message.ts';
import { CLAIM_MS } from './delivery/sweep.ts';
import { findOwnWebhook, requireActive } from './own-webhook.ts';

export const handler = implement(testWebhook, async ({ caller, params, seed }, deps) => {
  const webhook = await findOwnWebhook(deps, caller, params.webhookId);
  requireActive(webhook);
  const { userId, webhookId } = webhook;
  const about = { type: 'webhook.test', sessionId: null } as const;
  const at = new Date(deps.now()).toISOString();
  const data = { webhookId, message: 'This is a test event.' };
  const rendered = renderPayload({ id: seed ?? randomUUID(), ...about, at, data });
  // The delivery is stored first: where the queue fails, the sweeper finds it.
  const dueAt = new Date(deps.now() + CLAIM_MS).toISOString();
  const opened = await deps.stores.deliveries.open({ userId, webhookId, ...about, ...rendered }, dueAt);
  await deps.queues.deliveries.send([laterMessage(opened, dueAt)]);
  return { data: { deliveryId: opened.deliveryId } };
});
