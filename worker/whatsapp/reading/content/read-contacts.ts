import type { proto } from '@whiskeysockets/baileys';
import { firstOf, known, textOf } from './from-network.ts';
import type { Of } from './reading.ts';

type Contact = Of<'contact'>['contacts'][number];

const MOST_CONTACTS = 256;
const MOST_NUMBERS = 32;
/** Of all cards of a message together: photographs in them make cards large. */
const MOST_CARD_CHARS = 131_072;
const MOST_CHARS_EACH = 16_384;

interface Line {
  name: string;
  parameters: ReadonlyMap<string, string>;
  value: string;
}

/** The lines of a vCard: `item1.TEL;type=CELL;waid=6281:+62 81`; folded ones begin with a space. */
function linesOf(vcard: string): Line[] {
  return vcard
    .replace(/\r?\n[ \t]/g, '')
    .split(/\r?\n/)
    .flatMap((line) => {
      const colon = line.indexOf(':');
      if (colon < 1) return [];
      const [property = '', ...rest] = line.slice(0, colon).split(';');
      const parameters = rest.map((parameter): [string, string] => {
        const [name = '', value = ''] = parameter.split('=', 2);
        return [name.toLowerCase(), value];
      });
      const name = property.slice(property.lastIndexOf('.') + 1).toUpperCase();
      return [{ name, parameters: new Map(parameters), value: unescapeValue(line.slice(colon + 1)) }];
    });
}

const unescapeValue = (value: string) =>
  value
    .replace(/\\n/gi, '\n')
    .replace(/\\([,;\\])/g, '$1')
    .trim();

function numberOn({ parameters, value }: Line): Contact['phoneNumbers'][number] {
  const account = parameters.get('waid')?.replace(/\D/g, '');
  const digits = value.replace(/[^\d+]/g, '');
  const number = account ? `+${account}` : /^\+\d{5,16}$/.test(digits) ? digits : value;
  return known({
    phoneNumber: textOf(number, 'line') ?? '',
    label: textOf(parameters.get('type')?.toLowerCase(), 'line'),
    jid: account ? textOf(`${account}@s.whatsapp.net`, 'id') : undefined,
  });
}

/** @param chars the most that is kept of the card itself */
function readCard({ displayName, vcard }: proto.Message.IContactMessage, chars: number): Contact {
  const card = (vcard ?? '').slice(0, Math.min(chars, MOST_CHARS_EACH)).toWellFormed();
  const lines = linesOf(card);
  const valuesOf = (name: string) =>
    lines.filter((line) => line.name === name).flatMap(({ value }) => textOf(value, 'line') ?? []);
  const emails = firstOf(valuesOf('EMAIL'), MOST_NUMBERS);
  return known({
    name: textOf(displayName, 'line') ?? valuesOf('FN')[0] ?? '',
    phoneNumbers: firstOf(
      lines.filter(({ name, value }) => name === 'TEL' && value !== ''),
      MOST_NUMBERS,
    ).map(numberOn),
    emails: emails.length > 0 ? emails : undefined,
    organization: valuesOf('ORG')[0],
    vcard: card,
  });
}

export function readContact(body: proto.Message.IContactMessage): Of<'contact'> {
  const card = readCard(body, MOST_CARD_CHARS);
  return { type: 'contact', content: card.name || null, contacts: [card] };
}

export function readContacts(body: proto.Message.IContactsArrayMessage): Of<'contact'> {
  const given = firstOf(body.contacts, MOST_CONTACTS);
  const contacts = given.map((card) => readCard(card, Math.floor(MOST_CARD_CHARS / given.length)));
  const names = contacts.map(({ name }) => name).filter((name) => name !== '');
  const content = textOf(body.displayName, 'line') ?? textOf(names.join(', '), 'text') ?? null;
  return { type: 'contact', content, contacts };
}
