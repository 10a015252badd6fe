import * as z from 'zod';
import { caseless } from '../ids/caseless.ts';
import { Recipient } from './recipient.ts';

export const MEDIA_TYPES = ['image', 'document', 'audio', 'video'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];
export const MESSAGE_TYPES = ['text', ...MEDIA_TYPES] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

export const MESSAGE_STATUSES = ['pending', 'sent', 'delivered', 'read', 'played', 'failed'] as const;
export const MessageStatus = z.enum(MESSAGE_STATUSES);
export type MessageStatus = z.infer<typeof MessageStatus>;

/** Whether a message of this type comes with a file. */
export const isMediaType = (type: string): type is MediaType =>
  (MEDIA_TYPES as readonly string[]).includes(type);

const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)(;[\w-]+=[^;,]+)*;base64,[A-Za-z0-9+/]+=*$/;

const MediaUrl = z
  .string()
  .refine(
    (text) =>
      text.startsWith('data:') ? DATA_URL.test(text) : /^https?:\/\//.test(text) && URL.canParse(text),
    'use an http(s) URL or a base64 data: URL',
  )
  .meta({
    pattern: `^https?://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,4})?(/[!-~]*)?$|${DATA_URL.source}`,
    examples: ['https://example.com/cat.png'],
  });

/** A data: URL as a plain string (S4), an object with `url` (S0), or an upload. Parses to the object. */
export const Media = z.union([
  MediaUrl.transform((url) => ({ url })),
  z.object({
    url: MediaUrl,
    filename: z.string().max(255).optional(),
    caption: z.string().max(4096).optional(),
    mimetype: z.string().max(127).optional(),
  }),
  z.object({
    mediaId: z.string().max(64).meta({ description: 'Of an upload to …/media.' }),
    filename: z.string().max(255).optional(),
    caption: z.string().max(4096).optional(),
    mimetype: z.string().max(127).optional(),
    sizeBytes: z.number().int().optional().meta({ description: 'As declared; set by the gateway itself.' }),
  }),
]);
interface MediaAbout {
  filename?: string | undefined;
  caption?: string | undefined;
  mimetype?: string | undefined;
}
export interface UploadedMedia extends MediaAbout {
  mediaId: string;
  /** As declared when its place was made; what is there is held against it. */
  sizeBytes?: number | undefined;
}
export type Media = ({ url: string } & MediaAbout) | UploadedMedia;

/** The body of every send, on the tenant API and the worker API alike. */
export const SendBody = z
  .object({
    to: Recipient,
    type: caseless(MESSAGE_TYPES),
    message: z.string().max(65_536, 'a text has at most 65,536 characters').optional(),
    media: Media.optional(),
    caption: z.string().max(4096).optional(),
    filename: z.string().max(255).optional(),
    ptt: z.boolean().optional().meta({ description: 'Audio only: send as a voice note.' }),
    quotedMessageId: z.string().max(128).optional(),
  })
  .superRefine((body, context) => {
    if (body.type === 'text' && !body.message?.length)
      context.addIssue({
        code: 'custom',
        path: ['message'],
        message: 'a text message needs a non-empty message',
      });
    if (body.type !== 'text' && body.media === undefined)
      context.addIssue({
        code: 'custom',
        path: ['media'],
        message: `a message of type ${body.type} needs media`,
      });
  })
  .meta({
    anyOf: [
      {
        properties: { type: { const: 'text' }, message: { minLength: 1 } },
        required: ['message'],
      },
      {
        properties: { type: { enum: MESSAGE_TYPES.filter((type) => type !== 'text') } },
        required: ['media'],
      },
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
