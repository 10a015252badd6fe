import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import type { RouteDeclaration } from '../../../shared/contract/route.ts';
import { controlRoutes } from '../../../shared/control-routes.ts';
import { SendBody } from '../../../shared/messages/send-body.ts';
import { toJsonSchema } from '../../../shared/openapi/json-schema.ts';
import { SessionName } from '../../../shared/sessions/schema.ts';
import { line, nameOf, prose, text } from '../../../shared/text/text.ts';

const CONTROLS = ['\u0000', '\u0007', '\u001b', '\u007f', '\u0085', '\u009f'];
const BREAKS = ['\n', '\r', '\t'];
/** Half a pair: JSON can write it down, UTF-8 cannot. */
const HALVES = ['\ud83d', '\ude00', '\ude00\ud83d'];

const takes = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success;
/** What a reader of the OpenAPI document would let through. */
const declares = (schema: z.ZodType, value: string) =>
  new RegExp(String(toJsonSchema(schema, 'input')['pattern']), 'u').test(value);

describe('a text', () => {
  it('is whole: half a character is refused wherever it stands', () => {
    for (const half of HALVES)
      for (const value of [half, `${half} hello`, `hello ${half}`])
        for (const schema of [text(), line(), prose(), nameOf(60), SessionName])
          expect([value, takes(schema, value)]).toEqual([value, false]);
    for (const schema of [text(), line(), prose(), nameOf(60)]) expect(takes(schema, 'Łódź 😀')).toBe(true);
  });

  it.each([
    ['a line', line()],
    ['a name', nameOf(60)],
    ['a session’s name', SessionName],
  ])('that is %s has neither breaks nor control characters, as it is declared', (_, schema) => {
    for (const each of [...BREAKS, ...CONTROLS])
      for (const value of [`Ada${each}`, `${each}Ada`, `A${each}da`]) {
        expect([value, takes(schema, value)]).toEqual([value, false]);
        expect([value, declares(schema, value)]).toEqual([value, false]);
      }
    for (const value of ['Ada', ' Ada 😀 Ł ', '7'])
      expect(takes(schema, value)).toBe(declares(schema, value));
    expect(takes(schema, 'Ada Lovelace 😀')).toBe(true);
  });

  it('that is prose may have breaks and tabs, and no other control characters', () => {
    for (const each of BREAKS)
      expect([takes(prose(), `a${each}b`), declares(prose(), `a${each}b`)]).toEqual([true, true]);
    for (const each of CONTROLS)
      expect([takes(prose(), `a${each}b`), declares(prose(), `a${each}b`)]).toEqual([false, false]);
  });

  it('that names something is not blank, and loses the spaces around it', () => {
    for (const blank of ['', ' ', '\u00a0', '\u2003', '\ufeff'])
      expect([takes(nameOf(60), blank), declares(nameOf(60), blank)]).toEqual([false, false]);
    expect(nameOf(60).parse('  Ada ')).toBe('Ada');
  });
});

const propertiesOf = ({ body }: RouteDeclaration) =>
  Object.keys(body === undefined ? {} : Object(toJsonSchema(body, 'input')['properties']));
const named = (controlRoutes as readonly RouteDeclaration[]).filter((route) =>
  propertiesOf(route).includes('name'),
);

describe('a name', () => {
  it.each(named.map((route) => [route.id, route] as const))(
    'in %s is refused with a sentence where it holds a line break',
    (_, { body }) => {
      const given = { email: 'ada@example.com', password: 'a long pass phrase', name: 'Ada\nLovelace' };
      expect(body?.safeParse(given).error?.issues).toMatchObject([
        { path: ['name'], message: 'leave out line breaks, tabs and other control characters' },
      ]);
    },
  );
});

describe('a message', () => {
  const send = (body: object) => SendBody.safeParse({ to: '6281234567890', type: 'text', ...body });
  const image = { type: 'image', media: { url: 'https://example.com/cat.png' } };

  it('of text shows something: spaces, breaks and control characters alone are refused as empty', () => {
    for (const message of ['', ' ', '\n\t', '\u00a0\u2003', '\ufeff', '\u0000', undefined])
      expect(send({ message }).error?.issues).toMatchObject([
        { path: ['message'], message: 'a text message needs a non-empty message' },
      ]);
    for (const message of ['.', ' hello ', 'a\nb', '😀', '\u200b'])
      expect(send({ message }).success).toBe(true);
  });

  it('with a file may have a caption that shows nothing', () => {
    for (const blank of ['', ' ', '\n'])
      expect([send({ ...image, caption: blank }), send({ ...image, message: blank })]).toMatchObject([
        { success: true },
        { success: true },
      ]);
  });

  it('holds no half of a character in any of its texts', () => {
    const [half = ''] = HALVES;
    const location = { latitude: 1, longitude: 2 };
    const contact = { name: 'Grace', phoneNumber: '+6281234567890' };
    const poll = { question: 'Lunch?', options: ['Soto', 'Rendang'] };
    const bodies: [place: string, body: object][] = [
      ['message', { message: `a${half}` }],
      ['caption', { ...image, caption: half }],
      ['filename', { ...image, type: 'document', filename: half }],
      ['quotedMessageId', { message: 'a', quotedMessageId: half }],
      ['location.name', { type: 'location', location: { ...location, name: half } }],
      ['location.address', { type: 'location', location: { ...location, address: half } }],
      ['contact.name', { type: 'contact', contact: { ...contact, name: half } }],
      ['contact.organization', { type: 'contact', contact: { ...contact, organization: half } }],
      ['poll.question', { type: 'poll', poll: { ...poll, question: half } }],
      ['poll.options.1', { type: 'poll', poll: { ...poll, options: ['Soto', half] } }],
    ];
    for (const [place, body] of bodies)
      expect(send(body).error?.issues.map(({ path }) => path.join('.'))).toContain(place);
    for (const about of [{ filename: half }, { caption: half }, { mimetype: half }])
      for (const media of [
        { mediaId: 'm', ...about },
        { url: 'https://example.com/cat.png', ...about },
      ])
        expect(send({ type: 'image', media }).success).toBe(false);
  });
});
