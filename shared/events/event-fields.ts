import * as z from 'zod';

/** In the data of every event of a session. */
export const sessionFields = {
  sessionId: z.string(),
  truncated: z
    .literal(true)
    .optional()
    .meta({ description: 'Set where long fields are cut, since the whole is too large to be sent.' }),
};

export const phoneNumber = z
  .string()
  .nullable()
  .meta({ description: 'E.164 with +; null while WhatsApp keeps it hidden.' });
export const lid = z.string().nullable().meta({ description: 'The person’s other name, `…@lid`.' });
export const at = z.iso.datetime().meta({ description: 'When it happened.' });
export const offline = z.boolean().meta({ description: 'It happened while this session was away.' });

export const EXAMPLE_SESSION_ID = 'u4k2-support-line';
export const EXAMPLE_AT = '2026-11-21T10:00:00.000Z';
/** Somebody who writes. */
export const EXAMPLE_PERSON = { phoneNumber: '+6281234567890', lid: '144626673907343@lid' };
