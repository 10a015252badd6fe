import * as z from 'zod';

const JID = /^([0-9A-Za-z._:-]+)@(s\.whatsapp\.net|lid|g\.us|newsletter|broadcast)$/;
const SEPARATORS = /[\s().\-\u2010-\u2015]/g;
const E164 = /^\+?([1-9][0-9]{5,14})$/;

/** The same as one pattern, for the OpenAPI document. */
const GAP = '[\\s().\\-\\u2010-\\u2015]*';
/** A number of a person, with its country code. */
export const NUMBER_PATTERN = `^${GAP}(\\+${GAP})?[1-9](${GAP}[0-9]){5,14}${GAP}$`;
/** A number or a JID of a person. */
export const PERSON_PATTERN = [
  NUMBER_PATTERN,
  '^\\s*[0-9]{5,16}(:[0-9]+)?@(s\\.whatsapp\\.net|c\\.us)\\s*$',
  '^\\s*[0-9A-Za-z._:-]+@lid\\s*$',
].join('|');
const RECIPIENT_PATTERN = [
  PERSON_PATTERN,
  '^\\s*[0-9A-Za-z._:-]+@(g\\.us|newsletter)\\s*$',
  '^\\s*status@broadcast\\s*$',
].join('|');

/**
 * Reads a recipient as people write it (`6281234567890`, `+62 812-3456-7890`, or a full JID of a person,
 * group, newsletter or the status list) and returns its JID; `undefined` for anything else.
 */
export function parseRecipient(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed.includes('@')) {
    const jid = trimmed.replace(/@c\.us$/, '@s.whatsapp.net');
    const [, user, server] = JID.exec(jid) ?? [];
    if (user === undefined) return undefined;
    if (server === 'broadcast' && user !== 'status') return undefined;
    if (server === 's.whatsapp.net' && !/^[0-9]{5,16}(:[0-9]+)?$/.test(user)) return undefined;
    return jid;
  }
  const digits = E164.exec(trimmed.replace(SEPARATORS, ''))?.[1];
  return digits === undefined ? undefined : `${digits}@s.whatsapp.net`;
}

/** Parses to a JID. */
export const Recipient = z
  .string()
  .min(1)
  .max(128)
  .transform((text, context) => {
    const jid = parseRecipient(text);
    if (jid !== undefined) return jid;
    context.addIssue({
      code: 'custom',
      message: 'use a phone number with country code such as 6281234567890, or a full JID',
    });
    return z.NEVER;
  })
  .meta({
    id: 'Recipient',
    description: 'A phone number with country code, as people write it, or a full JID.',
    pattern: RECIPIENT_PATTERN,
    examples: ['6281234567890', '+62 812-3456-7890', '120363012345678901@g.us'],
  });
