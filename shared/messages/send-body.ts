import * as z from 'zod';
import { line, text, VISIBLE } from '../text/text.ts';
import { ContactCard, LinkPreview, Location, Mentions, Poll, Reaction } from './content.ts';
import { Media } from './media-field.ts';
import { Recipient } from './recipient.ts';
import { MESSAGE_TYPES, type MessageType } from './schema.ts';

const NEEDS_TEXT = 'a text message needs a non-empty message';

/** What the types of messages are made of; each type takes some of it. */
const FIELDS = {
  media: Media,
  location: Location,
  contact: ContactCard,
  poll: Poll,
  reaction: Reaction,
  caption: text().max(4096),
  message: text()
    .max(65_536, 'a text has at most 65,536 characters')
    .meta({ description: 'The caption, where `caption` is left out.' }),
  filename: line().max(255),
  ptt: z.boolean().meta({ description: 'Send as a voice note.' }),
  mentions: Mentions,
  linkPreview: LinkPreview,
  quotedMessageId: text().max(128),
  typing: z.boolean().meta({
    description:
      'Show “typing…” (“recording…” for audio) in the chat for a moment before it; as the session’s pacing says where left out.',
  }),
} as const;
type Field = keyof typeof FIELDS;

/** WhatsApp's own clients also refuse a text that shows nothing; as a caption it does no harm. */
const Text = text({ error: ({ input }) => (input === undefined ? NEEDS_TEXT : undefined) })
  .max(65_536, 'a text has at most 65,536 characters')
  .regex(VISIBLE, NEEDS_TEXT);

const ALWAYS = ['quotedMessageId', 'typing'] as const;
const CAPTIONED = ['caption', 'message', 'mentions', ...ALWAYS] as const;

/** Of each type, the field that it requires, and those that it may have. */
const TYPES: Readonly<Record<MessageType, { needs: Field; takes: readonly Field[] }>> = {
  text: { needs: 'message', takes: ['mentions', 'linkPreview', ...ALWAYS] },
  image: { needs: 'media', takes: CAPTIONED },
  document: { needs: 'media', takes: ['filename', ...CAPTIONED] },
  audio: { needs: 'media', takes: ['ptt', ...ALWAYS] },
  video: { needs: 'media', takes: CAPTIONED },
  sticker: { needs: 'media', takes: ALWAYS },
  location: { needs: 'location', takes: ALWAYS },
  contact: { needs: 'contact', takes: ALWAYS },
  poll: { needs: 'poll', takes: ALWAYS },
  reaction: { needs: 'reaction', takes: ['typing'] },
};

type Fields = { [F in Field]: z.output<(typeof FIELDS)[F]> };
type GivenFields = { [F in Field]: z.input<(typeof FIELDS)[F]> };

/** A message to send, whichever its type: it has the fields that its type takes. */
export type SendBody = { to: string; type: MessageType } & { [F in Field]?: Fields[F] | undefined };
/** The same as callers write it. */
export type SendInput = { to: string; type: string; text?: string | undefined } & {
  [F in Field]?: GivenFields[F] | undefined;
};

const SPELLINGS = new Map<string, MessageType>(MESSAGE_TYPES.map((type) => [type, type]));
const takesText = (type: MessageType) => {
  const { needs, takes } = TYPES[type];
  return needs === 'message' || takes.includes('message');
};

/** Types in any case, and `text` as another name of `message`. */
function readSpellings(given: unknown, context: z.core.$RefinementCtx): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  const { text: alias, ...body } = given as Record<string, unknown>;
  const type = SPELLINGS.get(String(body['type']).trim().toLowerCase());
  if (type === undefined) return given;
  if (alias === undefined) return { ...body, type };
  if (!takesText(type)) return { ...given, type };
  if (body['message'] === undefined) return { ...body, type, message: alias };
  const message = 'message and text are the same field: send one of them';
  context.addIssue({ code: 'custom', path: ['text'], message });
  return z.NEVER;
}

const pascal = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

function variant(type: MessageType, extra: z.core.$ZodLooseShape, suffix: string | undefined) {
  const { needs, takes } = TYPES[type];
  const isText = type === 'text';
  const optional = takes.map((field) => [field, FIELDS[field].optional()]);
  const schema = z.object({
    to: Recipient,
    type: z.literal(type),
    [needs]: isText ? Text : FIELDS[needs],
    ...Object.fromEntries(optional),
    ...extra,
  });
  if (suffix === undefined) return schema;
  return schema.meta({
    id: `Send${pascal(type)}${suffix}`,
    ...(isText ? { otherNames: { message: 'text' } } : {}),
  });
}

/** An object without fields would be one that may have none. */
type Output<Extra extends z.ZodRawShape> = keyof Extra extends never ? unknown : z.output<z.ZodObject<Extra>>;
type Input<Extra extends z.ZodRawShape> = keyof Extra extends never ? unknown : z.input<z.ZodObject<Extra>>;

/**
 * The body of a send: one form for each type of message, with the fields `extra` in all of them.
 * @param suffix of the forms' names in the OpenAPI document; absent where they do not stand in it
 */
export function sendBody<Extra extends z.ZodRawShape>(extra: Extra, suffix?: string) {
  const [first, ...others] = MESSAGE_TYPES.map((type) => variant(type, extra, suffix));
  if (first === undefined) throw new Error('there are no types of messages');
  const forms = z.discriminatedUnion('type', [first, ...others], {
    error: ({ code }) => (code === 'invalid_union' ? `use one of ${MESSAGE_TYPES.join(', ')}` : undefined),
  });
  // Which form has which field stands in data, where the compiler does not read it.
  return z.preprocess(readSpellings, forms) as unknown as z.ZodType<
    SendBody & Output<Extra>,
    SendInput & Input<Extra>
  >;
}

export const SendBody = sendBody({});
