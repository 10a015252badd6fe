import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRecipient } from '../../../shared/messages/recipient.ts';

describe('recipients', () => {
  it.each([
    ['6281234567890', '6281234567890@s.whatsapp.net'],
    ['+62 812-3456-7890', '6281234567890@s.whatsapp.net'],
    ['+1 (555) 010-9999', '15550109999@s.whatsapp.net'],
    ['6281234567890@c.us', '6281234567890@s.whatsapp.net'],
    ['123456789@lid', '123456789@lid'],
    ['120363001234567890@g.us', '120363001234567890@g.us'],
    ['120363001234567890@newsletter', '120363001234567890@newsletter'],
    ['status@broadcast', 'status@broadcast'],
  ])('recipients reads %s', (text, jid) => expect(parseRecipient(text)).toBe(jid));

  it.each([
    '',
    'ada',
    '0812345678',
    '123',
    '+',
    'a@b.c',
    '1234567890@example.com',
    'x@broadcast',
    '../@s.whatsapp.net',
  ])('recipients refuses %j', (text) => expect(parseRecipient(text)).toBeUndefined());

  it('recipients reads a number the same however it is separated', () => {
    const separator = fc.constantFrom('', ' ', '-', '.', ' - ');
    fc.assert(
      fc.property(
        fc.stringMatching(/^[1-9][0-9]{9}$/),
        fc.array(separator, { minLength: 10, maxLength: 10 }),
        (digits, gaps) => {
          const written = [...digits]
            .map((digit, index) => digit + (index < 9 ? (gaps[index] ?? '') : ''))
            .join('');
          expect(parseRecipient(`+${written}`)).toBe(`${digits}@s.whatsapp.net`);
        },
      ),
    );
  });
});
