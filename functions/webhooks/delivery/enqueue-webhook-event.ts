import type { GatewayEvent } from '../../../shared/events/registry.ts';
import { isForWebhooks } from '../../../shared/events/webhook-payload.ts';
import type { QueueMessage } from '../../../shared/queue/queue.ts';
import { type SessionItem, tellsWebhooks } from '../../../shared/sessions/session-item.ts';
import {
  type RenderedEvent,
  renderBatch,
  renderEvent,
} from '../../../shared/webhooks/delivery/render-events.ts';
import { MAX_EVENTS_IN_BATCH } from '../../../shared/webhooks/schema.ts';
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

type EnqueueDeps = Pick<DeliveryDeps, 'directory' | 'queues'>;

/**
 * Enqueues events for each webhook of the tenant that subscribes to them. It runs before the state they are about is
 * written: in the other order, a report repeated after a crash would change nothing and its event would be lost. Where
 * this fails the caller fails, and the worker reports again. An event enqueued twice is one event, since its id is made
 * from the fact. Several events of a session are one message.
 * @throws AppError STORAGE_UNAVAILABLE
 */
export async function enqueueWebhookEvents(
  deps: EnqueueDeps,
  userId: string,
  events: readonly GatewayEvent[],
): Promise<void> {
  const told = events.filter(isForWebhooks);
  if (told.length === 0) return;
  const webhooks = (await deps.directory.ofUser(userId)).filter((webhook) =>
    told.some((event) => wants(webhook, event)),
  );
  if (webhooks.length === 0) return;
  const rendered = told.map(renderEvent);
  await deps.queues.deliveries.send(webhooks.flatMap((webhook) => messagesFor(webhook, rendered)));
}

/** The same for events of one session, whose webhooks may be switched off. @throws AppError STORAGE_UNAVAILABLE */
export async function enqueueSessionEvents(
  deps: EnqueueDeps,
  session: Pick<SessionItem, 'userId' | 'settings'>,
  events: readonly GatewayEvent[],
): Promise<void> {
  if (tellsWebhooks(session)) await enqueueWebhookEvents(deps, session.userId, events);
}
