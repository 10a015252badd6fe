import * as z from 'zod';
import { ERROR_CODES, type ErrorCode } from '../errors/error-codes.ts';
import { type CallerKind, DEFAULT_MAX_BODY_BYTES, type RouteDeclaration } from './route.ts';

type Json = Record<string, unknown>;

/** Whose requests no limit counts. */
const UNCOUNTED: readonly CallerKind[] = ['public', 'worker'];

/** Codes that any route of a kind may answer, beside those it declares. */
function impliedErrors(route: RouteDeclaration): ErrorCode[] {
  const codes: ErrorCode[] = ['INTERNAL_ERROR'];
  if (!route.callers.includes('public')) codes.push('UNAUTHORIZED', 'FORBIDDEN');
  if (route.query !== undefined) codes.push('VALIDATION_ERROR');
  if (route.params !== undefined) codes.push('NOT_FOUND');
  if (route.body !== undefined) codes.push('VALIDATION_ERROR', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE');
  const isCounted = route.group === 'auth' || !route.callers.every((caller) => UNCOUNTED.includes(caller));
  if (isCounted) codes.push('RATE_LIMITED');
  if (route.idempotent === true) codes.push('VALIDATION_ERROR', 'IDEMPOTENCY_MISMATCH', 'IN_PROGRESS');
  return codes;
}

/** Every error a route may answer with. */
export function errorsOf(route: RouteDeclaration): ErrorCode[] {
  return [...new Set([...impliedErrors(route), ...(route.errors ?? [])])];
}

function toSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    target: 'draft-2020-12',
  });
  return json;
}

function parameters(route: RouteDeclaration): Json[] {
  const of = (schema: z.ZodType | undefined, where: 'path' | 'query') => {
    if (schema === undefined) return [];
    const { properties = {}, required = [] } = toSchema(schema, 'input') as {
      properties?: Json;
      required?: string[];
    };
    return Object.entries(properties).map(([name, property]) => ({
      name,
      in: where,
      required: where === 'path' || required.includes(name),
      schema: property,
    }));
  };
  return [...of(route.params, 'path'), ...of(route.query, 'query')];
}

function failures(route: RouteDeclaration): Json {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errorsOf(route)) {
    const { status } = ERROR_CODES[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.join(', '),
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
      },
    ]),
  );
}

function successes(route: RouteDeclaration): Json {
  const data = toSchema(route.answer, 'output');
  const hasData = !(route.answer instanceof z.ZodUndefined);
  const envelope = {
    type: 'object',
    properties: { success: { const: true }, ...(hasData ? { data } : {}), message: { type: 'string' } },
    required: ['success', ...(hasData ? ['data'] : [])],
  };
  const raw = Object.fromEntries((route.raw ?? []).map((type) => [type, {}]));
  const json = route.raw !== undefined && !hasData ? {} : { 'application/json': { schema: envelope } };
  const answer = { description: route.summary, content: { ...json, ...raw } };
  return Object.fromEntries((route.statuses ?? [200]).map((status) => [status, answer]));
}

const SCHEMES: Readonly<Record<Exclude<CallerKind, 'public'>, string>> = {
  user: 'JWT of a login',
  apiKey: 'API key, sk_live_… or sk_test_…',
  admin: 'JWT of an administrator',
  worker: 'the shared worker token',
};

function operation(route: RouteDeclaration): Json {
  const callers = route.callers.filter((caller) => caller !== 'public');
  return {
    operationId: route.id,
    tags: [route.group],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    security: callers.map((caller) => ({ [caller]: [] })),
    parameters: parameters(route),
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: !route.body.safeParse(undefined).success,
            description: `At most ${route.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES} bytes.`,
            content: { 'application/json': { schema: toSchema(route.body, 'input') } },
          },
        }),
    responses: { ...successes(route), ...failures(route) },
  };
}

const FAILURE = {
  type: 'object',
  properties: {
    success: { const: false },
    error: { type: 'string', description: 'A sentence a person can act on.' },
    code: { enum: Object.keys(ERROR_CODES) },
    details: {
      type: 'array',
      items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } } },
    },
    requestId: { type: 'string' },
  },
  required: ['success', 'error', 'code', 'requestId'],
};

/** The OpenAPI 3.1 document of a route table. */
export function buildOpenapi(
  routes: readonly RouteDeclaration[],
  info: { title: string; version: string },
): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = paths[route.path] ?? {};
    paths[route.path] = { ...path, [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info,
    paths,
    components: {
      schemas: { Failure: FAILURE },
      securitySchemes: Object.fromEntries(
        Object.entries(SCHEMES).map(([name, description]) => [
          name,
          { type: 'http', scheme: 'bearer', description },
        ]),
      ),
    },
  };
}
