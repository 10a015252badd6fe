import type { QueueMessage } from '../../../shared/queue/queue.ts';
import { MAX_EVENTS_IN_BATCH } from '../../../shared/webhooks/schema.ts';
import {
  type RenderedEvent,
  renderBatch,
  renderEvent,
  type WebhookEvent,
} from '../../../shared/webhooks/webhook-event.ts';
import { type WebhookItem, wants } from '../../../shared/webhooks/webhook-item.ts';
import type { DeliveryDeps } from './delivery-deps.ts';
import { cutToFit, type FirstAttempts, firstMessages } from './delivery-message.ts';

/** What of a session's events goes to a webhook in one request each. */
function deliveriesOf({ batch }: WebhookItem, events: readonly RenderedEvent[]): FirstAttempts['deliveries'] {
  if (!batch) return events.map(({ deliveryId, type, payload }) => ({ deliveryId, type, payload }));
  return cutToFit(events, MAX_EVENTS_IN_BATCH).map((some) => ({ ...renderBatch(some), type: 'batch' }));
}

/** The messages for one webhook, each session's in their order. */
function messagesFor(webhook: WebhookItem, events: readonly RenderedEvent[]): QueueMessage[] {
  const { userId, webhookId } = webhook;
  const wanted = events.filter((event) => wants(webhook, event));
  return [...Map.groupBy(wanted, ({ sessionId }) => sessionId)].flatMap(([sessionId, some]) =>
    firstMessages({ userId, webhookId, sessionId, deliveries: deliveriesOf(webhook, some) }),
  );
}

/**
 * Hands events to the queue, for each webhook of the tenant that asks for them. Called before the state they are about is
 * written: where this fails the caller fails, and the worker reports again. An event enqueued twice is one event: its ids
 * are made from it. What comes together goes together: several of a session's events are one message.
 * @throws AppError STORAGE_UNAVAILABLE
 */
export async function enqueueWebhookEvents(
  deps: Pick<DeliveryDeps, 'directory' | 'queues'>,
  userId: string,
  events: readonly WebhookEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const webhooks = (await deps.directory.ofUser(userId)).filter((webhook) =>
    events.some((event) => wants(webhook, event)),
  );
  if (webhooks.length === 0) return;
  const rendered = events.map(renderEvent);
  await deps.queues.deliveries.send(webhooks.flatMap((webhook) => messagesFor(webhook, rendered)));
}
