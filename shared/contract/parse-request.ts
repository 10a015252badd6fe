import type * as z from 'zod';
import { AppError } from '../errors/app-error.ts';
import { fromZod } from '../errors/from-zod.ts';
import { sayIssue } from '../errors/say-issue.ts';
import { bodySchemaOf, isLenient, querySchemaOf } from './request-schemas.ts';
import { DEFAULT_MAX_BODY_BYTES, type RouteDeclaration, type RouteInput } from './route.ts';

/** A request as both edges (API Gateway events, Express) pass it on. */
export interface RawRequest {
  params: Record<string, string>;
  query: Record<string, string | undefined>;
  contentType: string | undefined;
  /** Undefined or empty where there is no body. */
  body: string | undefined;
}

/** Fields that are named of a body where none is taken. */
const MAX_NAMED = 10;

function parsePart(schema: z.ZodType | undefined, value: unknown, where: 'body' | 'query' | 'path'): unknown {
  if (schema === undefined) return where === 'body' ? undefined : {};
  const parsed = schema.safeParse(value, { error: sayIssue });
  if (parsed.success) return parsed.data;
  // An id of impossible form names something that does not exist.
  if (where === 'path') throw new AppError('NOT_FOUND', 'There is nothing under this id.');
  throw fromZod(parsed.error, where);
}

function parseJson(request: RawRequest, maxBytes: number): unknown {
  const { body } = request;
  if (body === undefined || body === '') return undefined;
  if (Buffer.byteLength(body) > maxBytes)
    throw new AppError('PAYLOAD_TOO_LARGE', `Send at most ${maxBytes} bytes; larger media goes by URL.`);
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(request.contentType ?? ''))
    throw new AppError(
      'UNSUPPORTED_MEDIA_TYPE',
      'Send the body as JSON, with content-type: application/json.',
    );
  try {
    return JSON.parse(body);
  } catch {
    throw new AppError('VALIDATION_ERROR', 'The body is not valid JSON; check quotes, commas and braces.');
  }
}

/**
 * Many clients send `{}` where nothing is asked for; fields are meant to do something, which they would not.
 * @throws AppError VALIDATION_ERROR
 */
function refuseFields({ body = '' }: RawRequest): void {
  if (!body.trimStart().startsWith('{')) return;
  const names = fieldsOf(body);
  if (names.length === 0) return;
  const details = names.slice(0, MAX_NAMED).map((path) => ({ path, message: 'nothing is read from it' }));
  throw new AppError(
    'VALIDATION_ERROR',
    `This route takes no body: leave out ${names.slice(0, MAX_NAMED).join(', ')}.`,
    { details },
  );
}

function fieldsOf(body: string): string[] {
  try {
    return Object.keys(JSON.parse(body));
  } catch {
    return [];
  }
}

/**
 * Validates a request against its route.
 * @throws AppError VALIDATION_ERROR, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, or NOT_FOUND for an impossible id.
 */
export function parseRequest<R extends RouteDeclaration>(route: R, request: RawRequest): RouteInput<R> {
  const params = parsePart(route.params, request.params, 'path');
  const query = parsePart(querySchemaOf(route), request.query, 'query');
  const schema = bodySchemaOf(route);
  if (schema === undefined) {
    if (!isLenient(route)) refuseFields(request);
    return { params, query, body: undefined } as RouteInput<R>;
  }
  const json = parseJson(request, route.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES);
  const body = parsePart(schema, json, 'body');
  return { params, query, body } as RouteInput<R>;
}
