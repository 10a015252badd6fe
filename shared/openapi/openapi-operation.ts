import * as z from 'zod';
import { DEFAULT_MAX_BODY_BYTES, type RouteDeclaration } from '../contract/route.ts';
import { countedBy, errorsOf } from '../contract/route-errors.ts';
import { ERROR_CODES, type ErrorCode } from '../errors/error-codes.ts';
import { type Json, toJsonSchema } from './json-schema.ts';
import { exampleOf } from './schema-example.ts';

const headerRef = (name: string) => ({ $ref: `#/components/headers/${name}` });
const refs = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, headerRef(name)]));

const IDEMPOTENCY_KEY: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'The same key and body give the first answer again for 24 hours; with another body 409 `IDEMPOTENCY_MISMATCH`.',
  schema: { type: 'string', minLength: 1, maxLength: 128, pattern: '\\S' },
  example: 'order-4711',
};

function parameters(route: RouteDeclaration): Json[] {
  const of = (schema: z.ZodType | undefined, where: 'path' | 'query') => {
    if (schema === undefined) return [];
    const { properties = {}, required = [] } = toJsonSchema(schema, 'input') as {
      properties?: Record<string, Json>;
      required?: string[];
    };
    return Object.entries(properties).map(([name, { description, ...property }]) => ({
      name,
      in: where,
      required: where === 'path' || required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: property,
      ...(where === 'path' ? { example: exampleOf(property, true, name) } : {}),
    }));
  };
  const headers = route.idempotent === true ? [IDEMPOTENCY_KEY] : [];
  return [...of(route.params, 'path'), ...of(route.query, 'query'), ...headers];
}

function headersOf(route: RouteDeclaration, isSuccess: boolean): string[] {
  return [
    'x-request-id',
    ...(countedBy(route) === 'account' ? ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'] : []),
    ...(route.idempotent === true && isSuccess ? ['idempotent-replayed'] : []),
  ];
}

function failures(route: RouteDeclaration): Json {
  const byStatus = Map.groupBy(errorsOf(route), (code) => ERROR_CODES[code].status);
  const tellsWhen = (codes: readonly ErrorCode[]) =>
    codes.every((code) => 'retryAfterS' in ERROR_CODES[code]);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.join(', '),
        headers: refs([...headersOf(route, false), ...(tellsWhen(codes) ? ['retry-after'] : [])]),
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Failure' },
            examples: Object.fromEntries(
              codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
            ),
          },
        },
      },
    ]),
  );
}

function dataOf(route: RouteDeclaration): Json | undefined {
  return route.answer instanceof z.ZodUndefined ? undefined : toJsonSchema(route.answer, 'output');
}

/** The JSON of a success; `undefined` where the route answers with something else only. */
export function envelopeOf(route: RouteDeclaration): Json | undefined {
  const data = dataOf(route);
  if (route.raw !== undefined && data === undefined) return undefined;
  return {
    type: 'object',
    properties: {
      success: { const: true },
      ...(data === undefined ? {} : { data }),
      message: { type: 'string' },
    },
    required: ['success', ...(data === undefined ? [] : ['data'])],
    additionalProperties: false,
  };
}

function rawContent(type: string): Json {
  if (type === 'application/json') return { schema: { type: 'object' }, example: { openapi: '3.1.0' } };
  return type.startsWith('text/') || type.endsWith('+xml')
    ? { schema: { type: 'string' }, example: '…' }
    : { schema: { type: 'string', contentMediaType: type } };
}

function successes(route: RouteDeclaration): Json {
  const schema = envelopeOf(route);
  const data = dataOf(route);
  const example = { success: true, ...(data === undefined ? {} : { data: exampleOf(data, false) }) };
  const json = schema === undefined ? {} : { 'application/json': { schema, example } };
  const raw = Object.fromEntries((route.raw ?? []).map((type) => [type, rawContent(type)]));
  const headers = headersOf(route, true);
  return Object.fromEntries(
    (route.statuses ?? [200]).map((status) => {
      const isElsewhere = status >= 300;
      return [
        status,
        {
          description: route.summary,
          headers: refs(isElsewhere ? [...headers, 'location'] : headers),
          ...(isElsewhere ? {} : { content: { ...json, ...raw } }),
        },
      ];
    }),
  );
}

const COUNTED = {
  account: 'Counted against the limits of the account and of the key.',
  address: 'Counted against the limit of the source address.',
  nobody: 'Not counted against any limit.',
} as const;

function describe(route: RouteDeclaration): string {
  const aliases = (route.aliases ?? []).map((path) => `\`${path}\``);
  return [
    ...(route.description === undefined ? [] : [route.description]),
    COUNTED[countedBy(route) ?? 'nobody'],
    ...(aliases.length === 0 ? [] : [`Also at ${aliases.join(', ')}.`]),
  ].join(' ');
}

function requestBody(route: RouteDeclaration): Json {
  if (route.body === undefined) return {};
  const schema = toJsonSchema(route.body, 'input');
  return {
    requestBody: {
      required: !route.body.safeParse(undefined).success,
      description: `At most ${route.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES} bytes.`,
      content: { 'application/json': { schema, example: exampleOf(schema, true) } },
    },
  };
}

/** A route as an operation of the OpenAPI document. */
export function operationOf(route: RouteDeclaration): Json {
  const callers = route.callers.filter((caller) => caller !== 'public');
  return {
    operationId: route.id,
    tags: [route.group],
    summary: route.summary,
    description: describe(route),
    security: callers.map((caller) => ({ [caller]: [] })),
    parameters: parameters(route),
    ...requestBody(route),
    responses: { ...successes(route), ...failures(route) },
  };
}
