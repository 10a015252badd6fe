import * as z from 'zod';
import { sayForeignIn } from '../errors/say-foreign.ts';
import { HOST_PATTERN } from '../outbound/outbound-policy.ts';
import { line, text } from '../text/text.ts';

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

const about = {
  filename: line().max(255).optional(),
  caption: text().max(4096).optional(),
  mimetype: line().max(127).optional(),
};

/** A data: URL as a plain string, an object with `url`, or an upload. Parses to the object. */
export const Media = z
  .union(
    [
      MediaUrl.transform((url) => ({ url })),
      z.object({ url: MediaUrl, ...about }).meta({ id: 'MediaByUrl' }),
      z
        .object({
          mediaId: z
            .string()
            .max(64)
            .meta({ description: 'Of an upload to …/media, or of a file that this session has received.' }),
          ...about,
          sizeBytes: z
            .number()
            .int()
            .optional()
            .meta({ description: 'As declared; set by the gateway itself.' }),
        })
        .meta({ id: 'MediaById' }),
    ],
    { error: (issue) => sayForeignIn(issue) ?? 'use a base64 data: URL, { "url": … } or { "mediaId": … }' },
  )
  .meta({ id: 'Media' });

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
