import type { OutboxItem } from '../../../shared/messages/outbox/outbox-item.ts';
import { type SessionItem, tellsWebhooks } from '../../../shared/sessions/session-item.ts';
import type { Deps } from '../../deps.ts';
import { messageEvent } from '../../realtime/message-events.ts';
import { advanceMessage } from '../../usage/advance-message.ts';
import { enqueueWebhookEvents } from '../../webhooks/delivery/enqueue-webhook-event.ts';

interface Failed {
  error: string;
  errorCode: string;
}

/**
 * Tells the tenant, by webhook and WebSocket, then writes the failure down: repeated after a crash, the same
 * event is told again under the same id.
 */
export async function failMessage(
  deps: Deps,
  session: SessionItem,
  item: OutboxItem,
  { error, errorCode }: Failed,
  isReported = false,
): Promise<void> {
  const { userId, sessionId, messageId, to, type, createdAt } = item;
  const data = { messageId, sessionId, status: 'failed', to, error, errorCode };
  const id = `outbox:${messageId}`;
  const event = {
    id,
    type: 'message.failed' as const,
    sessionId,
    at: createdAt,
    data,
  };
  if (!isReported && tellsWebhooks(session)) await enqueueWebhookEvents(deps, userId, [event]);
  const at = new Date(deps.now()).toISOString();
  await advanceMessage(deps, {
    userId,
    sessionId,
    messageId,
    to,
    type,
    status: 'failed',
    at,
    error,
    errorCode,
  });
  // Whoever reported it has also told the WebSocket clients.
  if (!isReported)
    await deps.push.toSession(item, [
      messageEvent({ sessionId, messageId, status: 'failed', error, errorCode }, { id, timestamp: at }),
    ]);
  await deps.stores.outbox.finish(item, { status: 'failed', error, errorCode });
}
