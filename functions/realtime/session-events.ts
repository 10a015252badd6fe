import { randomUUID } from 'node:crypto';
import { digestOf } from '../../shared/events/create-event.ts';
import type { WebhookEvent } from '../../shared/events/registry.ts';
import { sessionQrEvent, sessionStatusEvent } from '../../shared/events/status-events.ts';
import { liveQr, type SessionItem, tellsWebhooks } from '../../shared/sessions/session-item.ts';
import type { Deps } from '../deps.ts';
import { enqueueWebhookEvents } from '../webhooks/delivery/enqueue-webhook-event.ts';

/** The state that a late joiner is told: nothing has just happened, so it has an id of its own each time. */
export function currentState(session: SessionItem, now: number): WebhookEvent[] {
  const happened = { fact: randomUUID(), at: new Date(now).toISOString() };
  const qr = liveQr(session, now);
  const status = sessionStatusEvent(session, happened);
  return qr === undefined ? [status] : [status, sessionQrEvent(session.sessionId, qr, happened)];
}

/**
 * Tells clients and webhooks of a status that the control plane has set. The write stands whether or not they hear
 * of it.
 */
export async function announceSession(deps: Deps, session: SessionItem): Promise<void> {
  const { sessionId, userId, epoch, rev, status, updatedAt } = session;
  const fact = digestOf('announced', sessionId, epoch, rev, status, updatedAt);
  const event = sessionStatusEvent(session, { fact, at: updatedAt });
  try {
    const isTold = session.deletedAt === undefined && tellsWebhooks(session);
    if (isTold) await enqueueWebhookEvents(deps, userId, [event]);
    await deps.push.toSession(session, [event]);
  } catch (error) {
    deps.log.warn({ err: error, sessionId }, 'a status could not be announced');
  }
}
