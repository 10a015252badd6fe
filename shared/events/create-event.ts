import { createHash } from 'node:crypto';
import { type DataOf, hasField } from './define-event.ts';
import { EXAMPLE_AT, EXAMPLE_SESSION_ID } from './event-fields.ts';
import {
  type DeclaredEvent,
  declarationOf,
  type EventOf,
  type EventType,
  type GatewayEvent,
} from './registry.ts';

/** One short name for what these parts say together. */
export const digestOf = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);

const LAST_TIME = 9_999_999_999_999;

/**
 * An event's id, over webhooks and WebSocket alike: the same whenever the same fact is told again, and sorting the
 * newest first, so that a partition of deliveries is a list.
 * @param fact names what has happened: a report's id, or a digest of what makes it one fact
 * @param at when it happened, ISO-8601
 */
export function eventIdOf({ type, fact, at }: { type: string; fact: string; at: string }): string {
  const time = LAST_TIME - Math.min(Math.max(0, Date.parse(at)), LAST_TIME);
  return `msg_${time.toString(36).padStart(9, '0')}${digestOf(type, fact).slice(0, 24)}`;
}

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
