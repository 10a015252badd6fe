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
