import * as z from 'zod';
import { caseless } from '../text/slug.ts';

export const MEDIA_TYPES = ['image', 'document', 'audio', 'video', 'sticker'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];
export const MESSAGE_TYPES = ['text', ...MEDIA_TYPES, 'location', 'contact', 'poll', 'reaction'] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];
export const GivenMessageType = caseless(MESSAGE_TYPES).meta({ id: 'MessageType' });

/** Tells whether a message of this type has a file. */
export const isMediaType = (type: string): type is MediaType =>
  (MEDIA_TYPES as readonly string[]).includes(type);

export const MESSAGE_STATUSES = ['pending', 'sent', 'delivered', 'read', 'played', 'failed'] as const;
export const MessageStatus = z.enum(MESSAGE_STATUSES).meta({ id: 'MessageStatus' });
export type MessageStatus = z.infer<typeof MessageStatus>;
export const GivenMessageStatus = caseless(MESSAGE_STATUSES).meta({ id: 'MessageStatus' });

export const SendAnswer = z
  .object({
    messageId: z.string(),
    status: MessageStatus,
    sessionId: z.string(),
    timestamp: z.iso.datetime(),
  })
  .meta({ id: 'SendAnswer' });
export type SendAnswer = z.infer<typeof SendAnswer>;

/** A message's status only moves to a higher rank; `failed` is final unless the message was delivered after all. */
export const STATUS_RANK: Readonly<Record<MessageStatus, number>> = {
  pending: 0,
  sent: 1,
  failed: 2,
  delivered: 3,
  read: 4,
  played: 5,
};

export function advances(from: MessageStatus | undefined, to: MessageStatus): boolean {
  return from === undefined || STATUS_RANK[to] > STATUS_RANK[from];
}
