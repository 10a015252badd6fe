import { type DataOf, hasField } from './define-event.ts';
import { EXAMPLE_AT, EXAMPLE_SESSION_ID } from './event-fields.ts';
import { eventIdOf } from './event-id.ts';
import {
  type DeclaredEvent,
  declarationOf,
  type EventOf,
  type EventType,
  type GatewayEvent,
} from './registry.ts';

/**
 * An event that has happened, under the id that it has wherever it is told.
 * @param fact names what has happened, the same each time that it is told
 * @param at when it happened, ISO-8601; likewise
 */
export function createEvent<E extends DeclaredEvent>(
  { type }: E,
  { fact, at, sessionId, data }: { fact: string; at: string; sessionId: string | null; data: DataOf<E> },
): EventOf<E> {
  return { id: eventIdOf({ type, fact, at }), type, timestamp: at, sessionId, data };
}

/** An event as it may happen: its declared example, for readers and for tests. */
export function eventExample<T extends EventType>(type: T): Extract<GatewayEvent, { type: T }> {
  const event = declarationOf(type);
  const sessionId = hasField(event, 'sessionId') ? EXAMPLE_SESSION_ID : null;
  const happened = { fact: 'example', at: EXAMPLE_AT, sessionId, data: event.example };
  return createEvent(event as never, happened as never) as GatewayEvent as Extract<GatewayEvent, { type: T }>;
}
