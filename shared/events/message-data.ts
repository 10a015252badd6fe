import * as z from 'zod';
import { looseContentFields, messageUnion } from '../messages/model/message-content.ts';
import { MessageChat, MessageSender } from '../messages/model/message-context.ts';
import { at, lid, offline, phoneNumber, sessionFields } from './event-fields.ts';

const messageId = z.string().meta({ examples: ['3EB0A1B2C3D4E5F60718'] });
const jid = z.string().meta({ examples: ['6281234567890@s.whatsapp.net'] });
const unreadable = z
  .literal(true)
  .optional()
  .meta({ description: 'What it says is sealed with the secret of a message that is not known here.' });
const target = messageId.meta({ description: 'Of the message that it is about.' });
const content = z
  .string()
  .nullable()
  .meta({ description: 'What a person would read: the text, or the caption of a file.' });

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
  sender: MessageSender,
  chat: MessageChat,
  timestamp: at,
  offline,
};

/** A message that somebody wrote to the account, by its `type`. */
export const MessageReceivedData = messageUnion(
  { ...aboutFields, fromMe: z.literal(false) },
  'MessageReceived',
).meta({ id: 'MessageReceivedData' });
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
    chat: MessageChat.optional(),
    type: z.string().meta({ description: 'As in `message.received`.' }),
    ...looseContentFields,
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
    unreadable,
  })
  .meta({ id: 'MessageReactionData' });
export type MessageReactionData = z.output<typeof MessageReactionData>;

export const MessageEditedData = z
  .object({
    ...aboutFields,
    messageId: target,
    content,
    edited: z
      .object({ type: z.string(), ...looseContentFields })
      .optional()
      .meta({ description: 'All that it says now, by its `type`, as in `message.received`.' }),
    unreadable,
  })
  .meta({ id: 'MessageEditedData' });
export type MessageEditedData = z.output<typeof MessageEditedData>;

export const MessageRevokedData = z
  .object({ ...aboutFields, messageId: target })
  .meta({ id: 'MessageRevokedData' });
export type MessageRevokedData = z.output<typeof MessageRevokedData>;

/** A vote: all that one person chooses now. */
export const PollVoteData = z
  .object({
    ...aboutFields,
    messageId: target,
    options: z.array(z.string()).nullable().meta({
      description: 'None where the vote was taken back; null where the poll’s secret is not known here.',
    }),
  })
  .meta({ id: 'PollVoteData' });

/** An answer to an event. */
export const EventResponseData = z
  .object({
    ...aboutFields,
    messageId: target,
    response: z
      .enum(['going', 'not_going', 'maybe'])
      .nullable()
      .meta({ description: 'null where the event’s secret is not known here.' }),
    guests: z.number().int().meta({ description: 'How many they bring.' }),
  })
  .meta({ id: 'EventResponseData' });

/** A message that exists and cannot be read here. */
export const MessageUndecryptableData = z
  .object({
    ...aboutFields,
    messageId: messageId.meta({
      description: 'The same as `id`, and as that of the message if it comes after all.',
    }),
    reason: z.enum(['view_once', 'waiting', 'failed']).meta({
      description:
        '`view_once`: for phones only; `waiting`: it is asked for once more; `failed`: it could not be decrypted.',
    }),
  })
  .meta({ id: 'MessageUndecryptableData' });

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
