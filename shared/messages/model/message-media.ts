import * as z from 'zod';

/** A file that came with a message. */
export const MessageMedia = z
  .object({
    mediaId: z.string().meta({ description: '`GET …/media/{mediaId}` fetches it.' }),
    mimetype: z.string().optional(),
    filename: z.string().optional(),
    sizeBytes: z.number().int().optional(),
    widthPx: z.number().int().optional(),
    heightPx: z.number().int().optional(),
    seconds: z.number().int().optional().meta({ description: 'How long it plays.' }),
    pages: z.number().int().optional().meta({ description: 'Of a document.' }),
    voice: z.boolean().optional().meta({ description: 'Audio: a voice note, not a file.' }),
    waveform: z
      .array(z.number().int().min(0).max(255))
      .optional()
      .meta({ description: 'Of a voice note: how loud it is, from its begin to its end.' }),
    gif: z.boolean().optional().meta({ description: 'Video: shown as a GIF.' }),
    videoNote: z.boolean().optional().meta({ description: 'Video: a round video note.' }),
    animated: z.boolean().optional().meta({ description: 'Sticker: it moves.' }),
    error: z.string().optional().meta({ description: 'Why the file is not here.' }),
    url: z
      .string()
      .optional()
      .meta({ description: 'In webhooks: signed at each attempt, good for an hour.' }),
  })
  .meta({ title: 'MessageMedia' });
export type MessageMedia = z.infer<typeof MessageMedia>;
