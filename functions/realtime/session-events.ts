import { randomUUID } from 'node:crypto';
import { digestOf } from '../../shared/events/create-event.ts';
import type { WebhookEvent } from '../../shared/events/registry.ts';
import { sessionQrEvent, sessionStatusEvent } from '../../shared/events/status-events.ts';
import { liveQr, type SessionItem } from '../../shared/sessions/session-item.ts';
import type { Deps } from '../deps.ts';
import { enqueueSessionEvents } from '../webhooks/delivery/enqueue-webhook-event.ts';

/** The state that a late joiner is told: nothing has just happened, so it has an id of its own each time. */
export function currentState(session: SessionItem, now: number): WebhookEvent[] {
  const happened = { fact: randomUUID(), at: new Date(now).toISOString() };
  const qr = liveQr(session, now);
  const status = sessionStatusEvent(session, happened);
  return qr === undefined ? [status] : [status, sessionQrEvent(session.sessionId, qr, happened)];
}

/**
 * Tells webhooks and clients of a status that the control plane has set. The write stands whether or not they hear
 * of it, and the failure of one way does not keep the other from being told.
 */
export async function announceSession(deps: Deps, session: SessionItem): Promise<void> {
  const { sessionId, epoch, rev, status, updatedAt } = session;
  const fact = digestOf('announced', sessionId, epoch, rev, status, updatedAt);
  const events = [sessionStatusEvent(session, { fact, at: updatedAt })];
  const outcomes = await Promise.allSettled([
    // A deleted session has no webhooks any more.
    enqueueSessionEvents(deps, session, session.deletedAt === undefined ? events : []),
    deps.push.toSession(session, events),
  ]);
  for (const outcome of outcomes)
    if (outcome.status === 'rejected')
      deps.log.warn({ err: outcome.reason, sessionId }, 'a status could not be announced');
}
