import * as z from 'zod';
import type { RouteDeclaration } from '../contract/route.ts';
import { countedBy, errorsOf } from '../contract/route-errors.ts';
import { ERROR_CODES, type ErrorCode } from '../errors/error-codes.ts';
import { COMPONENTS, type Json, toJsonSchema } from './json-schema.ts';
import type { NamedSchema } from './named-schema.ts';

const headers = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
const isCounted = (route: RouteDeclaration) => countedBy(route) === 'account';
const COUNTS = ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'] as const;

/** The JSON of a success around its data. */
export const envelopeAround = (data: Json | undefined): Json => ({
  type: 'object',
  properties: {
    success: { type: 'boolean', const: true },
    ...(data === undefined ? {} : { data }),
    message: { type: 'string' },
  },
  required: ['success', ...(data === undefined ? [] : ['data'])],
  additionalProperties: false,
});

/** Tells whether a route answers with data. */
export const hasData = ({ answer }: RouteDeclaration): boolean => !(answer instanceof z.ZodUndefined);
/** Tells whether a success may be JSON of ours. */
export const hasEnvelope = (route: RouteDeclaration): boolean => route.raw === undefined || hasData(route);

/** The JSON of a route's success, complete in itself; `undefined` where it answers with something else only. */
export function envelopeOf(route: RouteDeclaration): Json | undefined {
  if (!hasEnvelope(route)) return undefined;
  if (!hasData(route)) return envelopeAround(undefined);
  const { $defs, ...data } = toJsonSchema(route.answer, 'output');
  return { ...envelopeAround(data), ...($defs === undefined ? {} : { $defs }) };
}

function rawContent(type: string): Json {
  if (type === 'application/json') return { schema: { type: 'object' }, example: { openapi: '3.1.0' } };
  return type.startsWith('text/') || type.endsWith('+xml')
    ? { schema: { type: 'string' }, example: '…' }
    : { schema: { type: 'string', contentMediaType: type } };
}

/** The successes of a route, by status. */
export function successesOf(route: RouteDeclaration, envelope: NamedSchema | undefined): Json {
  const json = envelope === undefined ? {} : { 'application/json': { schema: envelope.ref } };
  const raw = Object.fromEntries((route.raw ?? []).map((type) => [type, rawContent(type)]));
  const names = [
    'x-request-id',
    ...(isCounted(route) ? COUNTS : []),
    ...(route.idempotent === true ? ['idempotent-replayed'] : []),
  ];
  return Object.fromEntries(
    (route.statuses ?? [200]).map((status) => {
      const isElsewhere = status >= 300;
      return [
        status,
        {
          description: route.summary,
          headers: headers(isElsewhere ? [...names, 'location'] : names),
          ...(isElsewhere ? {} : { content: { ...json, ...raw } }),
        },
      ];
    }),
  );
}

const pascal = (code: string) =>
  code.toLowerCase().replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());

function failure(codes: readonly ErrorCode[], counted: boolean): Json {
  const tellsWhen = codes.every((code) => 'retryAfterS' in ERROR_CODES[code]);
  return {
    description: codes.join(', '),
    headers: headers(['x-request-id', ...(counted ? COUNTS : []), ...(tellsWhen ? ['retry-after'] : [])]),
    content: {
      'application/json': {
        schema: { $ref: `${COMPONENTS}Failure` },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  };
}

/** The failures of a route by status, as references to responses that many routes share. */
export function failuresOf(route: RouteDeclaration): { refs: Json; responses: Record<string, Json> } {
  const counted = isCounted(route);
  const byStatus = Map.groupBy(errorsOf(route).toSorted(), (code) => ERROR_CODES[code].status);
  const named = [...byStatus].map(([status, codes]) => {
    const name = `${codes.map(pascal).join('Or')}${counted ? '' : 'Uncounted'}`;
    return { status, name, response: failure(codes, counted) };
  });
  return {
    refs: Object.fromEntries(
      named.map(({ status, name }) => [status, { $ref: `#/components/responses/${name}` }]),
    ),
    responses: Object.fromEntries(named.map(({ name, response }) => [name, response])),
  };
}
