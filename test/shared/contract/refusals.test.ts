import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseRequest } from '../../../shared/contract/parse-request.ts';
import type { RouteDeclaration } from '../../../shared/contract/route.ts';
import { controlRoutes } from '../../../shared/control-routes.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { sendMessage } from '../../../shared/messages/routes.ts';
import { connectSession, createSession } from '../../../shared/sessions/routes.ts';
import { workerRoutes } from '../../../shared/workers/api/routes.ts';

const routes: readonly RouteDeclaration[] = [...controlRoutes, ...workerRoutes];
/** Of every kind that JSON has, and text that few fields take. */
const WRONG = [null, true, -1, 1.5, 1e12, '', ' ', '\u0000', 'x'.repeat(70_000), [], [7], [[]], {}, { a: 1 }];
const WRONG_TEXTS = ['', 'x', '-1', '1.5', '1e99', '2026-13-01', 'x'.repeat(5_000)];
/** What zod says where nobody has said it better. */
const ZODS_OWN =
  /invalid (?:input|option|string|iso|url|key|element)|too (?:small|big)|: expected |, received /i;

const anyRoute: RouteDeclaration = {
  ...{ id: 'any', group: 'system', method: 'POST', path: '/', callers: ['public'], summary: '' },
  ...{ answer: z.undefined(), maxBodyBytes: 10_000_000 },
};

/** Every sentence that a request with this body or this query is refused with. */
function refusalsOf(
  schemas: Pick<RouteDeclaration, 'body' | 'query'>,
  { query = {}, body }: { body?: unknown; query?: Record<string, string> },
): string[] {
  const text = body === undefined ? undefined : JSON.stringify(body);
  try {
    parseRequest(
      { ...anyRoute, ...schemas },
      { params: {}, query, contentType: 'application/json', body: text },
    );
    return [];
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return [thrown.message, ...(thrown.details ?? []).map(({ message }) => message)];
  }
}

interface Shape {
  properties?: object;
  allOf?: Shape[];
}
const keysOf = ({ properties = {}, allOf = [] }: Shape): string[] => [
  ...Object.keys(properties),
  ...allOf.flatMap(keysOf),
];
const fieldsOf = (schema: z.ZodType) =>
  keysOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape);

/** How a route refuses a body; `undefined` where it takes it. */
function refusalOf(route: RouteDeclaration, body: object): AppError | undefined {
  const raw = { params: { sessionId: 's' }, query: {}, contentType: 'application/json' };
  try {
    parseRequest(route, { ...raw, body: JSON.stringify(body) });
    return undefined;
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
}

const bodies = routes.flatMap(({ id, body }) => (body === undefined ? [] : [[id, body] as const]));
const queries = routes.flatMap(({ id, query }) => (query === undefined ? [] : [[id, query] as const]));

describe('a request that is refused', () => {
  it.each(bodies)('%s: is told what is wrong in its body in words of ours', (_, schema) => {
    const tried = fieldsOf(schema).flatMap((key) => WRONG.map((value) => ({ [key]: value })));
    for (const body of [undefined, ...WRONG, ...tried])
      for (const sentence of refusalsOf({ body: schema }, { body })) expect(sentence).not.toMatch(ZODS_OWN);
  });

  it.each(queries)('%s: is told what is wrong in its query in words of ours', (_, schema) => {
    for (const key of fieldsOf(schema))
      for (const value of WRONG_TEXTS)
        for (const sentence of refusalsOf({ query: schema }, { query: { [key]: value } }))
          expect(sentence).not.toMatch(ZODS_OWN);
  });

  it('is told what to send where a field is missing or of another kind', () => {
    const fields = { at: z.iso.datetime(), on: z.boolean(), few: z.array(z.string()).max(2) };
    const body = z.object({ to: z.string(), ...fields });
    expect(refusalsOf({ body }, { body: { at: 'noon', on: 'yes', few: ['a', 'b', 'c'] } })).toEqual([
      'Check "to" in the body: it is missing; send a text (and 3 more, see details).',
      'it is missing; send a text',
      'use a time with its zone such as 2026-12-24T18:00:00Z',
      'use true or false, not a text',
      'name at most 2',
    ]);
  });

  it.each(['data:image/png;base64,@@', 7, {}])('is told the three forms of media instead of %j', (media) => {
    const body = { to: '6281234567890', type: 'image', media };
    const [sentence] = refusalsOf({ body: sendMessage.body }, { body });
    expect(sentence).toBe(
      'Check "media" in the body: use a base64 data: URL, { "url": … } or { "mediaId": … }.',
    );
  });

  it.each([
    [{ mesage: 'Hi' }, 'there is no "mesage" (the nearest is "message")', 'mesage'],
    [
      { message: 'Hi', quoted_message_id: 'A' },
      'there is no "quoted_message_id" (the nearest is "quotedMessageId")',
      'quoted_message_id',
    ],
    [
      { message: 'Hi', linkPreview: { url: 'https://example.com', titel: 'x', title: 'x' } },
      'there is no "titel" (the nearest is "title")',
      'linkPreview.titel',
    ],
    [
      { type: 'image', media: { url: 'https://example.com/a.png', filenme: 'a' } },
      'there is no "filenme" (the nearest is "filename")',
      'media.filenme',
    ],
  ])('is told of the nearest name instead of %j', (fields, told, path) => {
    const body = { to: '6281234567890', type: 'text', ...fields };
    const refusal = refusalOf(sendMessage, body);
    expect(refusal?.details).toContainEqual(expect.objectContaining({ path }));
    expect(refusal?.details?.map(({ message }) => message)).toContain(told);
  });

  it('is told what there is where nothing is near', () => {
    const body = { name: 'Ada', zzz: 1 };
    expect(refusalOf(createSession, body)?.message).toMatch(
      /^Check the body: there is no "zzz"; known are name, description/,
    );
  });

  it('is told that nothing is taken where a body has fields all the same, and an empty object is no field', () => {
    expect(refusalOf(connectSession, { force: true })?.message).toBe(
      'This route takes no body: leave out force.',
    );
    expect(refusalOf(connectSession, {})).toBeUndefined();
  });

  it('is told each thing once', () => {
    const twice = z.object({ a: z.string() }).and(z.object({ b: z.string() }));
    expect(refusalsOf({ body: twice }, { body: [] })).toEqual([
      'Check the body: use a JSON object, not a list.',
      'use a JSON object, not a list',
    ]);
  });
});
