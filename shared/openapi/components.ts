import type { CallerKind } from '../contract/route.ts';
import { ERROR_CODES } from '../errors/error-codes.ts';
import { FAILURE_SENTENCES } from './failure-examples.ts';
import type { Json } from './json-schema.ts';

const REQUEST_ID = 'f3b1c9d2-6a5e-4f0b-9a37-2d1c8e4b7a60';

/** The schemas of every failure, by their names in the document. */
export const FAILURE_SCHEMAS: Record<string, Json> = {
  ErrorCode: { type: 'string', enum: Object.keys(ERROR_CODES) },
  ErrorDetail: {
    type: 'object',
    properties: {
      path: { type: 'string', description: 'The field, in dots.' },
      message: { type: 'string' },
    },
    required: ['path', 'message'],
    additionalProperties: false,
  },
  Failure: {
    type: 'object',
    properties: {
      success: { type: 'boolean', const: false },
      error: { type: 'string', description: 'A sentence a person can act on.' },
      code: { $ref: '#/components/schemas/ErrorCode' },
      details: { type: 'array', items: { $ref: '#/components/schemas/ErrorDetail' } },
      requestId: { type: 'string' },
    },
    required: ['success', 'error', 'code', 'requestId'],
    additionalProperties: false,
  },
};

/** One of each failure, by its code. */
export const FAILURE_EXAMPLES = Object.fromEntries(
  Object.entries(FAILURE_SENTENCES).map(([code, error]) => [
    code,
    {
      summary: code,
      value: {
        success: false,
        error,
        code,
        ...(code === 'VALIDATION_ERROR'
          ? { details: [{ path: 'name', message: 'use at least one letter or digit' }] }
          : {}),
        requestId: REQUEST_ID,
      },
    },
  ]),
);

const header = (description: string, schema: Json, required = false): Json => ({
  description,
  required,
  schema,
});
const whole = (example: number): Json => ({ type: 'integer', minimum: 0, examples: [example] });

/** The headers of answers, by their names in the document. */
export const HEADERS: Record<string, Json> = {
  'x-request-id': header(
    'Of this request: the caller’s own, or a new one. Name it when asking for help.',
    { type: 'string', examples: [REQUEST_ID] },
    true,
  ),
  'ratelimit-limit': header('Requests at once after a pause.', whole(600)),
  'ratelimit-remaining': header('How many of them are left.', whole(599)),
  'ratelimit-reset': header('Seconds until all of them are.', whole(1)),
  'retry-after': header('Seconds after which a retry makes sense.', whole(1), true),
  'idempotent-replayed': header('Set where this is the kept answer of an earlier request.', {
    type: 'string',
    const: 'true',
  }),
  location: header('Where the content is.', { type: 'string', format: 'uri' }, true),
};

/** Sent by callers that repeat a request; it has no example, which tools would send each time. */
export const IDEMPOTENCY_KEY: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'A new value for each new request, such as a UUID. The same key and body give the first answer again for 24 hours; with another body 409 `IDEMPOTENCY_MISMATCH`.',
  schema: { type: 'string', minLength: 1, maxLength: 128, pattern: '\\S' },
};

const BEARER = { type: 'http', scheme: 'bearer' } as const;

/** How each kind of caller shows who it is. */
export const SECURITY_SCHEMES: Readonly<Record<Exclude<CallerKind, 'public'> | 'apiKeyHeader', Json>> = {
  user: { ...BEARER, bearerFormat: 'JWT', description: 'The access token of a login.' },
  apiKey: {
    ...BEARER,
    bearerFormat: 'sk_live_… or sk_test_…',
    description:
      'An API key. The key of an account reaches all its sessions, the key of a session only that.',
  },
  apiKeyHeader: { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'An API key likewise.' },
  admin: {
    ...BEARER,
    bearerFormat: 'JWT',
    description: 'The access token of an account whose role is ADMIN.',
  },
  worker: { ...BEARER, description: 'The secret that workers and the control plane share.' },
};
