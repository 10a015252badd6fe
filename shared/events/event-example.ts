import { createEvent } from './create-event.ts';
import { hasField } from './define-event.ts';
import { EXAMPLE_AT, EXAMPLE_SESSION_ID } from './event-fields.ts';
import { declarationOf, type EventType, type GatewayEvent } from './registry.ts';

/** An event as it may happen: its declared example, for readers and for tests. */
export function eventExample<T extends EventType>(type: T): Extract<GatewayEvent, { type: T }> {
  const event = declarationOf(type);
  const sessionId = hasField(event, 'sessionId') ? EXAMPLE_SESSION_ID : null;
  const happened = { fact: 'example', at: EXAMPLE_AT, sessionId, data: event.example };
  return createEvent(event as never, happened as never) as GatewayEvent as Extract<GatewayEvent, { type: T }>;
}
