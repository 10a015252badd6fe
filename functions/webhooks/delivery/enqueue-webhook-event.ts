import { renderPayload, type WebhookEvent } from '../../../shared/webhooks/webhook-event.ts';
import { wants } from '../../../shared/webhooks/webhook-item.ts';
import type { DeliveryDeps } from './delivery-deps.ts';
import { firstMessage } from './delivery-message.ts';

/**
 * Enqueues events, one message for each webhook of the tenant that subscribes to them. It runs before the
 * state they are about is written: where this fails the caller fails, and the worker reports again. An event
 * enqueued twice is one event, since its ids are derived from it.
 * @throws AppError STORAGE_UNAVAILABLE
 */
export async function enqueueWebhookEvents(
  deps: Pick<DeliveryDeps, 'directory' | 'queues'>,
  userId: string,
  events: readonly WebhookEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const webhooks = await deps.directory.ofUser(userId);
  const messages = events.flatMap((event) => {
    const takers = webhooks.filter((webhook) => wants(webhook, event));
    if (takers.length === 0) return [];
    const { type, sessionId } = event;
    const rendered = { userId, type, sessionId, ...renderPayload(event) };
    return takers.map(({ webhookId }) => firstMessage({ ...rendered, webhookId }));
  });
  if (messages.length > 0) await deps.queues.deliveries.send(messages);
}
