import * as z from 'zod';

const phoneNumber = z
  .string()
  .nullable()
  .meta({ description: 'E.164 with +; null while WhatsApp keeps it hidden.' });
const lid = z.string().nullable().meta({ description: 'The person’s other name, `…@lid`.' });

/** Who wrote: the same in every event, as far as the session has learned it. */
export const MessageSender = z
  .object({
    phoneNumber,
    lid,
    name: z.string().nullable().meta({ description: 'As they call themselves; a company’s verified name.' }),
    username: z.string().optional(),
    business: z.boolean().optional().meta({ description: 'A company with a verified name.' }),
  })
  .meta({ title: 'MessageSender' });
export type MessageSender = z.infer<typeof MessageSender>;

export const CHAT_KINDS = ['direct', 'group', 'channel', 'status', 'broadcast'] as const;
export const MessageChat = z
  .object({
    id: z.string().meta({ description: 'The same as `chatId`.' }),
    kind: z.enum(CHAT_KINDS).meta({
      description:
        '`status`: a status post; `broadcast`: sent to a list of people, of whom only the sender is told.',
    }),
    name: z
      .string()
      .optional()
      .meta({ description: 'The group’s subject, or the person’s name in the address book.' }),
  })
  .meta({ title: 'MessageChat' });
export type MessageChat = z.infer<typeof MessageChat>;

export const MessageMention = z
  .object({ phoneNumber, lid, me: z.boolean().meta({ description: 'The session’s own account is meant.' }) })
  .meta({ title: 'MessageMention' });

export const MessageQuoted = z
  .object({
    messageId: z.string(),
    from: z.string().nullable().meta({ description: 'Who wrote it, as `from` names people.' }),
    fromMe: z.boolean(),
    chatId: z.string().optional().meta({ description: 'Where it is in another chat.' }),
    type: z.string().nullable().meta({ description: 'null where only its id is known.' }),
    content: z.string().nullable(),
  })
  .meta({ title: 'MessageQuoted' });
export type MessageQuoted = z.infer<typeof MessageQuoted>;

/** The advertisement, or the page, that led somebody here. */
export const MessageReferral = z
  .object({
    source: z
      .string()
      .optional()
      .meta({ examples: ['ad', 'post'] }),
    sourceId: z.string().optional(),
    title: z.string().optional(),
    body: z.string().optional(),
    url: z.string().optional(),
    clickId: z.string().optional(),
    app: z
      .string()
      .optional()
      .meta({ examples: ['facebook', 'instagram'] }),
    ref: z.string().optional(),
  })
  .meta({ title: 'MessageReferral' });

/** What any message may say about itself, whatever its type. */
export const contextFields = {
  mentions: z.array(MessageMention).optional(),
  quoted: MessageQuoted.optional().meta({ description: 'The message that it answers.' }),
  quotedMessageId: z.string().optional().meta({ description: 'The same as `quoted.messageId`.' }),
  commentOn: z.string().optional().meta({ description: 'Id of the post that it comments on.' }),
  albumId: z.string().optional().meta({ description: 'Id of the album that it belongs to.' }),
  forwarded: z.boolean().optional(),
  forwardedOften: z.boolean().optional(),
  viewOnce: z.boolean().optional(),
  ephemeralSeconds: z
    .number()
    .int()
    .optional()
    .meta({ description: 'After which it disappears from its chat.' }),
  referral: MessageReferral.optional(),
  editedAt: z.iso
    .datetime()
    .optional()
    .meta({ description: 'It arrived edited, as what is brought in from before a link may.' }),
};
