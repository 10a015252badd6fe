import { setTimeout as delay } from 'node:timers/promises';
import type { WASocket } from '@whiskeysockets/baileys';
import type { SendBody } from '../../../shared/messages/schema.ts';

/** A quick thumb; long texts are not waited for to their end. */
const PER_CHARACTER_MS = 30;
const LEAST_MS = 400;
const MOST_MS = 3_000;

/** “typing…” or “recording…” in the chat for a moment, as if a person were at it; the message itself ends it. */
export async function showTyping(
  socket: Pick<WASocket, 'sendPresenceUpdate'>,
  { to, type, message, caption }: Pick<SendBody, 'to' | 'type' | 'message' | 'caption'>,
  random: () => number = Math.random,
): Promise<void> {
  await socket.sendPresenceUpdate(type === 'audio' ? 'recording' : 'composing', to);
  const { length } = message ?? caption ?? '';
  const even = Math.min(MOST_MS, Math.max(LEAST_MS, length * PER_CHARACTER_MS));
  await delay(even * (0.8 + 0.2 * random()));
}
