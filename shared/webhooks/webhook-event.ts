import { toDeliveryId } from './delivery/delivery-item.ts';
import type { WebhookEventType } from './event-types.ts';
import type { WebhookPayload } from './schema.ts';

/** Something a tenant may want to hear of. */
export interface WebhookEvent {
  /** Of the happening: the same when it is reported again. */
  id: string;
  type: WebhookEventType;
  sessionId: string | null;
  /** When it happened, ISO-8601; the same when it is reported again. */
  at: string;
  data: Record<string, unknown>;
}

/** Fits into a queue's message and a table's item, with room for what goes around it. */
const MAX_PAYLOAD_BYTES = 180_000;
const SMALL_BYTES = 1_000;

/** What is left of data that is too large: its ids and short fields, to fetch the rest by. */
function shorten(data: Record<string, unknown>): Record<string, unknown> {
  const short = Object.entries(data).filter(
    ([, value]) => Buffer.byteLength(JSON.stringify(value) ?? '') <= SMALL_BYTES,
  );
  return { ...Object.fromEntries(short.slice(0, 50)), truncated: true };
}

export interface RenderedEvent {
  /** The webhook-id. */
  deliveryId: string;
  /** The body. */
  payload: string;
  type: WebhookEventType;
  sessionId: string | null;
  /** When it happened, milliseconds since the epoch. */
  at: number;
}

/** The webhook-id and the body of an event, fixed once for every attempt. */
export function renderEvent(event: WebhookEvent): RenderedEvent {
  const { id, type, sessionId, data } = event;
  const at = Date.parse(event.at);
  const deliveryId = toDeliveryId({ id, type, at });
  const whole: WebhookPayload = { id: deliveryId, type, timestamp: event.at, sessionId, data };
  const payload = JSON.stringify(whole);
  const rendered = { deliveryId, type, sessionId, at };
  if (Buffer.byteLength(payload) <= MAX_PAYLOAD_BYTES) return { ...rendered, payload };
  return { ...rendered, payload: JSON.stringify({ ...whole, data: shorten(data) }) };
}

/** Events of one session as one body, an array; its webhook-id is made of theirs. */
export function renderBatch(events: readonly RenderedEvent[]): { deliveryId: string; payload: string } {
  const at = Math.max(...events.map((event) => event.at));
  const id = events.map(({ deliveryId }) => deliveryId).join('\n');
  return {
    deliveryId: toDeliveryId({ id, type: 'batch', at }),
    payload: `[${events.map(({ payload }) => payload).join(',')}]`,
  };
}
