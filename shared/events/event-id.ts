import { createHash } from 'node:crypto';

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
