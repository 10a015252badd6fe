import * as z from 'zod';

const time = z.iso.datetime();
const jid = z.string().meta({ examples: ['6281234567890@s.whatsapp.net'] });

export const MessageLocation = z
  .object({
    latitude: z.number(),
    longitude: z.number(),
    name: z.string().optional(),
    address: z.string().optional(),
    url: z.string().optional(),
    caption: z.string().optional(),
    accuracyMeters: z.number().optional(),
    live: z.boolean().optional().meta({ description: 'Shared as somebody moves; this is where it began.' }),
  })
  .meta({ title: 'MessageLocation' });

/** One contact card. */
export const MessageContact = z
  .object({
    name: z.string(),
    phoneNumbers: z.array(
      z.object({
        phoneNumber: z
          .string()
          .meta({ description: 'E.164 with + where the card says so, else as it is written.' }),
        label: z.string().optional(),
        jid: jid.optional().meta({ description: 'Where the card names the WhatsApp account of the number.' }),
      }),
    ),
    emails: z.array(z.string()).optional(),
    organization: z.string().optional(),
    vcard: z.string().meta({ description: 'The whole card.' }),
  })
  .meta({ title: 'MessageContact' });

export const MessagePoll = z
  .object({
    question: z.string(),
    options: z.array(z.string()),
    selectableCount: z.number().int().meta({ description: 'How many one person may choose; 0: any number.' }),
    quiz: z.boolean().optional(),
    results: z
      .array(z.object({ option: z.string(), votes: z.number().int() }))
      .optional()
      .meta({ description: 'Of a poll that was shared with its results.' }),
  })
  .meta({ title: 'MessagePoll' });

export const MessageCalendarEvent = z
  .object({
    name: z.string(),
    description: z.string().optional(),
    startsAt: time.optional(),
    endsAt: time.optional(),
    location: MessageLocation.partial({ latitude: true, longitude: true }).optional(),
    joinLink: z.string().optional(),
    guestsAllowed: z.boolean().optional(),
    cancelled: z.boolean(),
  })
  .meta({ title: 'MessageCalendarEvent' });

export const MessageGroupInvite = z
  .object({
    groupId: z.string(),
    name: z.string().optional(),
    code: z.string().optional(),
    expiresAt: time.optional(),
  })
  .meta({ title: 'MessageGroupInvite' });

export const MessageChannelInvite = z
  .object({
    channelId: z.string(),
    name: z.string().optional(),
    asAdmin: z.boolean(),
    expiresAt: time.optional(),
  })
  .meta({ title: 'MessageChannelInvite' });

/** A call as its chat shows it: one that was made, or one that is planned. */
export const MessageCall = z
  .object({
    video: z.boolean(),
    outcome: z
      .string()
      .optional()
      .meta({ examples: ['missed', 'connected', 'rejected'] }),
    seconds: z.number().int().optional(),
    title: z.string().optional(),
    scheduledAt: time.optional(),
    cancelled: z.boolean().optional(),
    participants: z.array(z.object({ jid, outcome: z.string().optional() })).optional(),
  })
  .meta({ title: 'MessageCall' });

/** Somebody has pinned a message, or keeps one that would disappear. */
export const MessagePin = z
  .object({
    messageId: z.string(),
    action: z.enum(['pin', 'unpin', 'keep', 'unkeep']),
  })
  .meta({ title: 'MessagePin' });

export const MessageAlbum = z.object({ images: z.number().int(), videos: z.number().int() }).meta({
  title: 'MessageAlbum',
  description: 'How many are to come; each names this message as its `albumId`.',
});

export const MessageStickerPack = z
  .object({
    name: z.string(),
    publisher: z.string().optional(),
    description: z.string().optional(),
    stickers: z.number().int(),
  })
  .meta({ title: 'MessageStickerPack' });

/** What a text shows of a page that it names, in its sender's words. */
export const MessageLinkPreview = z
  .object({ url: z.string(), title: z.string().optional(), description: z.string().optional() })
  .meta({ title: 'MessageLinkPreview' });
