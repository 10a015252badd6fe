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
 * Tells the tenant, by webhook and over the WebSocket, then writes it down: repeated after a crash, it is the same
 * event, and told again.
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
  // Whoever reported it has told the clients as well.
  if (!isReported) await deps.push.toSession(item, [event]);
  await deps.stores.outbox.finish(item, { status: 'failed', error, errorCode });
}
