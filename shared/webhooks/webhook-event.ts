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

/** The webhook-id and the body of an event, fixed once for every attempt. */
export function renderPayload(event: WebhookEvent): { deliveryId: string; payload: string } {
  const { id, type, sessionId, at, data } = event;
  const deliveryId = toDeliveryId({ id, type, at: Date.parse(at) });
  const whole: WebhookPayload = { id: deliveryId, type, timestamp: at, sessionId, data };
  const payload = JSON.stringify(whole);
  if (Buffer.byteLength(payload) <= MAX_PAYLOAD_BYTES) return { deliveryId, payload };
  return { deliveryId, payload: JSON.stringify({ ...whole, data: shorten(data) }) };
}
