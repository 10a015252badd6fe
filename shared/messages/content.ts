import * as z from 'zod';
import { PhoneNumber } from '../sessions/schema.ts';
import { HALF_A_CHARACTER, line, nameOf, prose, text } from '../text/text.ts';
import { Emoji } from './emoji.ts';
import { Recipient } from './recipient.ts';

/** WhatsApp's bound on the options of a poll. */
const MOST_OPTIONS = 12;
const MAX_MENTIONS = 256;

export const Location = z
  .object({
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    name: line().max(256).optional(),
    address: prose().max(512).optional(),
  })
  .meta({ id: 'Location', examples: [{ latitude: -6.1754, longitude: 106.8272, name: 'Monas' }] });
export type Location = z.infer<typeof Location>;

/** A contact card. */
export const ContactCard = z
  .object({
    name: nameOf(128),
    phoneNumber: PhoneNumber,
    organization: line().max(128).optional(),
  })
  .meta({ id: 'ContactCard', examples: [{ name: 'Grace Hopper', phoneNumber: '+6281234567890' }] });
export type ContactCard = z.infer<typeof ContactCard>;

export const Poll = z
  .object({
    question: text().trim().min(1).max(255),
    options: z
      .array(text().trim().min(1).max(100))
      .min(2, 'a poll has at least two options')
      .max(MOST_OPTIONS, `a poll has at most ${MOST_OPTIONS} options`)
      .refine((options) => new Set(options).size === options.length, 'give each option once')
      .meta({ uniqueItems: true }),
    selectableCount: z.number().int().min(0).max(MOST_OPTIONS).default(1).meta({
      description: 'How many options one person may choose; 0, or more than there are, means any number.',
    }),
  })
  .meta({ id: 'Poll', examples: [{ question: 'Lunch?', options: ['Soto', 'Rendang'], selectableCount: 1 }] });
export type Poll = z.infer<typeof Poll>;

/** The message that another one is about, in the chat that `to` names. */
export const MessageTarget = z.object({
  messageId: text().min(1).max(128),
  fromMe: z.boolean().optional().meta({
    description: 'Whether this session wrote it. Absent: true where the gateway knows it as sent by it.',
  }),
  from: Recipient.optional().meta({
    description:
      'Who wrote it, as `message.received` names them. In groups needed for messages of others that came a while ago.',
  }),
});
export type MessageTarget = z.infer<typeof MessageTarget>;

export const Reaction = MessageTarget.extend({ emoji: Emoji }).meta({
  id: 'Reaction',
  examples: [{ messageId: '3EB0A1B2C3D4E5F60718', emoji: '👍' }],
});
export type Reaction = z.infer<typeof Reaction>;

/**
 * The preview of a link, in the caller's words. The gateway fetches no page that a text names, so there is no
 * preview by default.
 */
export const LinkPreview = z
  .union([
    z.literal(false),
    z.object({
      url: z
        .url({ protocol: /^https?$/ })
        .max(2048)
        .refine((url) => url.isWellFormed(), HALF_A_CHARACTER),
      title: text().min(1).max(256),
      description: text().max(512).optional(),
    }),
  ])
  .meta({
    id: 'LinkPreview',
    description:
      'What the preview of a link in the text shows. Without it there is none: the gateway fetches no pages.',
    examples: [{ url: 'https://example.com/offer', title: 'An offer' }],
  });
export type LinkPreview = z.infer<typeof LinkPreview>;

export const Mentions = z.array(Recipient).max(MAX_MENTIONS).meta({
  description:
    'People whom the text names with `@` and their number; their phones tell them. In a group both are written as the group names its members, by number or by LID, where that is known.',
});
