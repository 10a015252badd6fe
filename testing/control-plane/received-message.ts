import { createEvent } from '../../shared/events/create-event.ts';
import { messageReceived } from '../../shared/events/message-events.ts';
import type { EventOf } from '../../shared/events/registry.ts';

/** A text, or what a test makes of it. */
export type TextReceived = Extract<EventOf<typeof messageReceived>['data'], { type: 'text' }>;

/** What a worker reports of a message that somebody wrote. */
export const reportedMessage = (id: string, more: Partial<TextReceived> = {}) => ({
  id,
  chatId: '144626673907343@lid',
  from: '6281234567890@s.whatsapp.net',
  to: '6281200000001@s.whatsapp.net',
  fromMe: false as const,
  isGroup: false,
  phoneNumber: '+6281234567890',
  lid: '144626673907343@lid',
  pushName: 'Grace',
  sender: { phoneNumber: '+6281234567890', lid: '144626673907343@lid', name: 'Grace' },
  chat: { id: '144626673907343@lid', kind: 'direct' as const },
  type: 'text' as const,
  content: 'Hello',
  timestamp: '2026-11-21T10:00:00.000Z',
  offline: false,
  ...more,
});

/** What a tenant is told of it. */
export function receivedMessage(
  id: string,
  { sessionId, at, ...more }: { sessionId: string; at: string } & Partial<TextReceived>,
): EventOf<typeof messageReceived> {
  const data = { ...reportedMessage(id, { ...more, timestamp: at }), sessionId };
  return createEvent(messageReceived, { fact: id, at, sessionId, data });
}
