import { setTimeout as delay } from 'node:timers/promises';
import type { WASocket } from '@whiskeysockets/baileys';
import type { SendBody } from '../../../shared/messages/schema.ts';

/** The speed of a quick thumb; the simulation of long texts is cut short. */
const PER_CHARACTER_MS = 30;
const LEAST_MS = 400;
const MOST_MS = 3_000;

/** Shows “typing…” or “recording…” in the chat for a moment; the message itself ends it. */
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
