import { expect, test } from 'vitest';
import { showTyping } from '../../../../worker/whatsapp/sending/show-typing.ts';

test.each([
  ['text', 'composing'],
  ['image', 'composing'],
  ['audio', 'recording'],
] as const)('shows a %s message as %s in its chat', async (type, shown) => {
  const told: unknown[] = [];
  const socket = {
    sendPresenceUpdate: async (presence: string, chat?: string) => void told.push([presence, chat]),
  };
  await showTyping(socket, { to: '628@s.whatsapp.net', type, message: 'hi' }, () => 0);
  expect(told).toEqual([[shown, '628@s.whatsapp.net']]);
});
