import type { GatewayEvent } from '../../../shared/events/registry.ts';
import { isForWebhooks, renderPayload } from '../../../shared/events/webhook-payload.ts';
import { type SessionItem, tellsWebhooks } from '../../../shared/sessions/session-item.ts';
import { wants } from '../../../shared/webhooks/webhook-item.ts';
import type { DeliveryDeps } from './delivery-deps.ts';
import { firstMessage } from './delivery-message.ts';

type EnqueueDeps = Pick<DeliveryDeps, 'directory' | 'queues'>;

/**
 * Enqueues events, one message for each webhook of the tenant that subscribes to them. It runs before the
 * state they are about is written: in the other order, a report repeated after a crash would change nothing and its
 * event would be lost. Where this fails the caller fails, and the worker reports again. An event enqueued twice is one
 * event, since its id is made from the fact.
 * @throws AppError STORAGE_UNAVAILABLE
 */
export async function enqueueWebhookEvents(
  deps: EnqueueDeps,
  userId: string,
  events: readonly GatewayEvent[],
): Promise<void> {
  const told = events.filter(isForWebhooks);
  if (told.length === 0) return;
  const webhooks = await deps.directory.ofUser(userId);
  const messages = told.flatMap((event) => {
    const takers = webhooks.filter((webhook) => wants(webhook, event));
    if (takers.length === 0) return [];
    const { id: deliveryId, type, sessionId } = event;
    const rendered = { userId, deliveryId, type, sessionId, payload: renderPayload(event) };
    return takers.map(({ webhookId }) => firstMessage({ ...rendered, webhookId }));
  });
  if (messages.length > 0) await deps.queues.deliveries.send(messages);
}

/** The same for events of one session, whose webhooks may be switched off. @throws AppError STORAGE_UNAVAILABLE */
export async function enqueueSessionEvents(
  deps: EnqueueDeps,
  session: Pick<SessionItem, 'userId' | 'settings'>,
  events: readonly GatewayEvent[],
): Promise<void> {
  if (tellsWebhooks(session)) await enqueueWebhookEvents(deps, session.userId, events);
}
