import * as z from 'zod';

const JID = /^([0-9A-Za-z._:-]+)@(s\.whatsapp\.net|lid|g\.us|newsletter|broadcast)$/;
const SEPARATORS = /[\s().\-\u2010-\u2015]/g;
const E164 = /^\+?([1-9][0-9]{5,14})$/;

/**
 * A recipient as people write it, as a JID: `6281234567890`, `+62 812-3456-7890`, or a full JID of a
 * person, group, newsletter or the status list. `undefined` where it is none of these.
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
  });
