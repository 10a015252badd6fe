import { eventIdOf } from '../../events/create-event.ts';
import type { WebhookEvent } from '../../events/registry.ts';
import { renderPayload } from '../../events/webhook-payload.ts';

export interface RenderedEvent {
  /** The webhook-id. */
  deliveryId: string;
  /** The body. */
  payload: string;
  type: WebhookEvent['type'];
  sessionId: string | null;
  /** When it happened, ISO-8601. */
  at: string;
}

/** The webhook-id and the body of an event, fixed once for every attempt. */
export const renderEvent = (event: WebhookEvent): RenderedEvent => ({
  deliveryId: event.id,
  payload: renderPayload(event),
  type: event.type,
  sessionId: event.sessionId,
  at: event.timestamp,
});

/** Renders events of one session as one body, an array; its webhook-id is derived from theirs. */
export function renderBatch(events: readonly RenderedEvent[]): { deliveryId: string; payload: string } {
  const at = new Date(Math.max(...events.map((event) => Date.parse(event.at)))).toISOString();
  const fact = events.map(({ deliveryId }) => deliveryId).join('\n');
  return {
    deliveryId: eventIdOf({ type: 'batch', fact, at }),
    payload: `[${events.map(({ payload }) => payload).join(',')}]`,
  };
}
