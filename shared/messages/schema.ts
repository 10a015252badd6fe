import * as z from 'zod';
import { HOST_PATTERN } from '../outbound/outbound-policy.ts';
import { caseless } from '../text/slug.ts';
import { line, text, VISIBLE } from '../text/text.ts';
import { ContactCard, LinkPreview, Location, Mentions, Poll, Reaction } from './content.ts';
import { Recipient } from './recipient.ts';

export const MEDIA_TYPES = ['image', 'document', 'audio', 'video', 'sticker'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];
export const MESSAGE_TYPES = ['text', ...MEDIA_TYPES, 'location', 'contact', 'poll', 'reaction'] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

/** The field that each type of message requires. */
const NEEDS: Readonly<
  Record<MessageType, 'message' | 'media' | 'location' | 'contact' | 'poll' | 'reaction'>
> = {
  text: 'message',
  image: 'media',
  document: 'media',
  audio: 'media',
  video: 'media',
  sticker: 'media',
  location: 'location',
  contact: 'contact',
  poll: 'poll',
  reaction: 'reaction',
};

/** Tells whether a message of this type has a file. */
export const isMediaType = (type: string): type is MediaType =>
  (MEDIA_TYPES as readonly string[]).includes(type);

export const MESSAGE_STATUSES = ['pending', 'sent', 'delivered', 'read', 'played', 'failed'] as const;
export const MessageStatus = z.enum(MESSAGE_STATUSES);
export type MessageStatus = z.infer<typeof MessageStatus>;

const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)(;[\w-]+=[^;,]+)*;base64,[A-Za-z0-9+/]+=*$/;

const MediaUrl = text()
  .refine(
    (text) =>
      text.startsWith('data:') ? DATA_URL.test(text) : /^https?:\/\//.test(text) && URL.canParse(text),
    'use an http(s) URL or a base64 data: URL',
  )
  .meta({
    pattern: `^https?://${HOST_PATTERN}(/[!-~]*)?$|${DATA_URL.source}`,
    examples: ['https://example.com/cat.png'],
  });

/** A data: URL as a plain string, an object with `url`, or an upload. Parses to the object. */
export const Media = z.union(
  [
    MediaUrl.transform((url) => ({ url })),
    z.object({
      url: MediaUrl,
      filename: line().max(255).optional(),
      caption: text().max(4096).optional(),
      mimetype: line().max(127).optional(),
    }),
    z.object({
      mediaId: z
        .string()
        .max(64)
        .meta({ description: 'Of an upload to …/media, or of a file that this session has received.' }),
      filename: line().max(255).optional(),
      caption: text().max(4096).optional(),
      mimetype: line().max(127).optional(),
      sizeBytes: z.number().int().optional().meta({ description: 'As declared; set by the gateway itself.' }),
    }),
  ],
  { error: () => 'use a base64 data: URL, { "url": … } or { "mediaId": … }' },
);
interface MediaAbout {
  filename?: string | undefined;
  caption?: string | undefined;
  mimetype?: string | undefined;
}
export interface UploadedMedia extends MediaAbout {
  mediaId: string;
  /** The type as declared when the upload was created; the file is checked against it. */
  sizeBytes?: number | undefined;
}
export type Media = ({ url: string } & MediaAbout) | UploadedMedia;

/** The body of every send, on the tenant API and the worker API alike. */
export const SendBody = z
  .object({
    to: Recipient,
    type: caseless(MESSAGE_TYPES),
    message: text().max(65_536, 'a text has at most 65,536 characters').optional(),
    media: Media.optional(),
    caption: text().max(4096).optional(),
    filename: line().max(255).optional(),
    ptt: z.boolean().optional().meta({ description: 'Audio only: send as a voice note.' }),
    location: Location.optional(),
    contact: ContactCard.optional(),
    poll: Poll.optional(),
    reaction: Reaction.optional(),
    mentions: Mentions.optional(),
    linkPreview: LinkPreview.optional(),
    quotedMessageId: text().max(128).optional(),
    typing: z.boolean().optional().meta({
      description:
        'Show “typing…” (“recording…” for audio) in the chat for a moment before it; as the session’s pacing says where left out.',
    }),
  })
  .superRefine((body, context) => {
    const needed = NEEDS[body.type];
    const given = body[needed];
    // WhatsApp's own clients also refuse a text that shows nothing; as a caption it does no harm.
    if (typeof given === 'string' ? VISIBLE.test(given) : given !== undefined) return;
    context.addIssue({
      code: 'custom',
      path: [needed],
      message:
        needed === 'message'
          ? 'a text message needs a non-empty message'
          : `a message of type ${body.type} needs ${needed}`,
    });
  })
  .meta({
    anyOf: [
      {
        properties: { type: { const: 'text' }, message: { pattern: VISIBLE.source } },
        required: ['message'],
      },
      { properties: { type: { enum: [...MEDIA_TYPES] } }, required: ['media'] },
      ...(['location', 'contact', 'poll', 'reaction'] as const).map((type) => ({
        properties: { type: { const: type } },
        required: [type],
      })),
    ],
  });
export type SendBody = z.infer<typeof SendBody>;

export const SendAnswer = z.object({
  messageId: z.string(),
  status: MessageStatus,
  sessionId: z.string(),
  timestamp: z.iso.datetime(),
});
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
