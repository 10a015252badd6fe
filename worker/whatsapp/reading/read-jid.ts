import { jidDecode, jidNormalizedUser } from '@whiskeysockets/baileys';

/** One person as WhatsApp names them: by phone number, by LID, or both. */
export interface Person {
  /** `…@s.whatsapp.net`, without a device. */
  pn: string | undefined;
  /** `…@lid`, without a device. */
  lid: string | undefined;
}

/** Sorts the names given for one person; groups and broadcasts are no persons. */
export function readPerson(...jids: readonly (string | null | undefined)[]): Person {
  const person: Person = { pn: undefined, lid: undefined };
  for (const jid of jids) {
    const decoded = jid ? jidDecode(jid) : undefined;
    if (decoded === undefined) continue;
    // Hosted devices' JIDs stand for the same account.
    if (decoded.server === 's.whatsapp.net' || decoded.server === 'hosted')
      person.pn ??= `${decoded.user}@s.whatsapp.net`;
    if (decoded.server === 'lid' || decoded.server === 'hosted.lid') person.lid ??= `${decoded.user}@lid`;
  }
  return person;
}

/** E.164 with `+`. */
export function phoneNumberOf(jid: string | undefined): string | undefined {
  const decoded = jid === undefined ? undefined : jidDecode(jid);
  return decoded?.server === 's.whatsapp.net' && /^\d{5,16}$/.test(decoded.user)
    ? `+${decoded.user}`
    : undefined;
}

export function isPersonJid(jid: string): boolean {
  const { pn, lid } = readPerson(jid);
  return pn !== undefined || lid !== undefined;
}

export const isGroupJid = (jid: string): boolean => jid.endsWith('@g.us');

export const withoutDevice = (jid: string): string => jidNormalizedUser(jid);

const LID = '@lid';
const PN = '@s.whatsapp.net';

/**
 * Whether two JIDs name the same chat. A person has one by phone number and one by LID; where WhatsApp has not said yet
 * which belong together, a number and a LID may be the same person.
 */
export function isSameChat(one: string, other: string, lidOf: (jid: string) => string | undefined): boolean {
  if (one === other) return true;
  const [pn, lid] = one.endsWith(PN) ? [one, other] : [other, one];
  if (!pn.endsWith(PN) || !lid.endsWith(LID)) return false;
  const known = lidOf(pn);
  return known === undefined || known === lid;
}
