import * as z from 'zod';
import { at, lid, offline, phoneNumber, sessionFields } from './event-fields.ts';

const messageId = z.string().meta({ examples: ['3EB0A1B2C3D4E5F60718'] });
const jid = z.string().meta({ examples: ['6281234567890@s.whatsapp.net'] });
const target = messageId.meta({ description: 'Of the message that it is about.' });
const content = z
  .string()
  .nullable()
  .meta({ description: 'What a person would read: the text, or the caption of a file.' });

/** A file that came with a message. */
export const EventMedia = z
  .object({
    mediaId: z.string().meta({ description: '`GET …/media/{mediaId}` fetches it.' }),
    mimetype: z.string().optional(),
    filename: z.string().optional(),
    sizeBytes: z.number().int().optional(),
    error: z.string().optional().meta({ description: 'Why the file could not be kept.' }),
    url: z
      .string()
      .optional()
      .meta({ description: 'In webhooks: signed at each attempt, good for an hour.' }),
  })
  .meta({ id: 'EventMedia' });
export type EventMedia = z.output<typeof EventMedia>;

/** Where a message stands, and who wrote it. */
const aboutFields = {
  ...sessionFields,
  id: messageId,
  chatId: z.string().meta({ description: 'The group, else the person’s LID where known, else their JID.' }),
  from: jid.meta({ description: 'Who wrote it: their number’s JID where known, else their LID.' }),
  to: jid,
  fromMe: z.boolean().meta({ description: 'Written by the account itself, on another of its devices.' }),
  isGroup: z.boolean(),
  phoneNumber,
  lid,
  pushName: z.string().nullable().meta({ description: 'As the writer calls themselves.' }),
  timestamp: at,
  offline,
};

const contentFields = {
  type: z
    .string()
    .meta({ description: 'text, image, document, audio, video, sticker, location, contact or poll.' }),
  content,
  media: EventMedia.optional(),
  quotedMessageId: messageId.optional().meta({ description: 'Of the message that it answers.' }),
};

/** A message that somebody wrote to the account. */
export const MessageReceivedData = z
  .object({ ...aboutFields, fromMe: z.literal(false), ...contentFields })
  .meta({ id: 'MessageReceivedData' });
export type MessageReceivedData = z.output<typeof MessageReceivedData>;

/** A message of the account's own, however it was written. */
export const MessageSentData = z
  .object({
    ...sessionFields,
    id: messageId,
    messageId: messageId.meta({ description: 'The same as `id`.' }),
    source: z.enum(['api', 'phone']).meta({
      description:
        '`api`: sent through this gateway; `phone`: written on the account’s phone, or another device of it.',
    }),
    chatId: aboutFields.chatId,
    from: jid.nullable().meta({ description: 'The account’s own JID.' }),
    to: jid,
    isGroup: z.boolean(),
    ...contentFields,
    status: z.literal('sent'),
    timestamp: at,
  })
  .meta({ id: 'MessageSentData' });
export type MessageSentData = z.output<typeof MessageSentData>;

export const MessageReactionData = z
  .object({
    ...aboutFields,
    messageId: target,
    emoji: z.string().nullable().meta({ description: 'null takes it back.' }),
  })
  .meta({ id: 'MessageReactionData' });
export type MessageReactionData = z.output<typeof MessageReactionData>;

export const MessageEditedData = z
  .object({ ...aboutFields, messageId: target, content })
  .meta({ id: 'MessageEditedData' });
export type MessageEditedData = z.output<typeof MessageEditedData>;

export const MessageRevokedData = z
  .object({ ...aboutFields, messageId: target })
  .meta({ id: 'MessageRevokedData' });
export type MessageRevokedData = z.output<typeof MessageRevokedData>;

const outcomeFields = {
  ...sessionFields,
  messageId,
  to: z.string().optional(),
  timestamp: at,
};

export const MessageStatusData = z
  .object({ ...outcomeFields, status: z.enum(['sent', 'delivered', 'read', 'played']) })
  .meta({ id: 'MessageStatusData' });
export type MessageStatusData = z.output<typeof MessageStatusData>;

export const MessageFailedData = z
  .object({
    ...outcomeFields,
    status: z.literal('failed'),
    error: z.string().optional().meta({ description: 'Why, as a sentence.' }),
    errorCode: z.string().optional().meta({ description: 'WhatsApp’s own code, or one of the gateway’s.' }),
  })
  .meta({ id: 'MessageFailedData' });
export type MessageFailedData = z.output<typeof MessageFailedData>;
