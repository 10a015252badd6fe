import { createEvent } from '../../../shared/events/create-event.ts';
import { messageFailed } from '../../../shared/events/message-events.ts';
import type { OutboxItem } from '../../../shared/messages/outbox/outbox-item.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import type { Deps } from '../../deps.ts';
import { advanceMessage } from '../../usage/advance-message.ts';
import { enqueueSessionEvents } from '../../webhooks/delivery/enqueue-webhook-event.ts';

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
  const event = createEvent(messageFailed, {
    fact: `outbox:${messageId}`,
    at: createdAt,
    sessionId,
    data: { messageId, sessionId, status: 'failed', to, error, errorCode, timestamp: createdAt },
  });
  if (!isReported) await enqueueSessionEvents(deps, session, [event]);
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
  if (!isReported) await deps.push.toSession(item, [event]);
  await deps.stores.outbox.finish(item, { status: 'failed', error, errorCode });
}
