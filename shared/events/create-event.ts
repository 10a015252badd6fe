import type { DataOf } from './define-event.ts';
import { eventIdOf } from './event-id.ts';
import type { DeclaredEvent, EventOf } from './registry.ts';

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
