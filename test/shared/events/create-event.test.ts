import { expect, it } from 'vitest';
import { eventIdOf } from '../../../shared/events/create-event.ts';

const event = { type: 'message.sent', fact: 'fact-1', at: '2026-11-21T10:00:00.000Z' };

it('an event’s id is the same for the same fact, and another for another', () => {
  expect(eventIdOf(event)).toBe(eventIdOf({ ...event }));
  expect(eventIdOf({ ...event, type: 'message.status' })).not.toBe(eventIdOf(event));
  expect(eventIdOf({ ...event, fact: 'fact-2' })).not.toBe(eventIdOf(event));
});

it('event ids sort the newest first', () => {
  const later = eventIdOf({ ...event, at: '2026-11-21T10:00:00.001Z' });
  expect(later < eventIdOf(event)).toBe(true);
});
