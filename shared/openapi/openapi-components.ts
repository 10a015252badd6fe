import { type CallerKind, DEFAULT_MAX_BODY_BYTES, type Group } from '../contract/route.ts';
import { ERROR_CODES } from '../errors/error-codes.ts';
import { ADDRESS_RATE, LOGIN_RATE, REQUEST_RATES } from '../limits/rates.ts';
import { FAILURE_SENTENCES } from './failure-examples.ts';
import type { Json } from './json-schema.ts';
import { LIMITS } from './limits-guide.ts';

export const REQUEST_ID = 'f3b1c9d2-6a5e-4f0b-9a37-2d1c8e4b7a60';

/** The body of every failure. */
export const FAILURE: Json = {
  type: 'object',
  properties: {
    success: { const: false },
    error: { type: 'string', description: 'A sentence a person can act on.' },
    code: { type: 'string', enum: Object.keys(ERROR_CODES) },
    details: {
      type: 'array',
      items: {
        type: 'object',
        properties: { path: { type: 'string' }, message: { type: 'string' } },
        required: ['path', 'message'],
        additionalProperties: false,
      },
    },
    requestId: { type: 'string' },
  },
  required: ['success', 'error', 'code', 'requestId'],
  additionalProperties: false,
};

const FAILURE_EXAMPLES = Object.fromEntries(
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

const HEADERS: Record<string, Json> = {
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
    const: 'true',
  }),
  location: header('Where the content is.', { type: 'string', format: 'uri' }, true),
};

const SCHEMES: Readonly<Record<Exclude<CallerKind, 'public'>, Json>> = {
  user: { bearerFormat: 'JWT', description: 'The access token of a login.' },
  apiKey: {
    bearerFormat: 'sk_live_… or sk_test_…',
    description:
      'An API key. The key of an account reaches all its sessions, the key of a session only that.',
  },
  admin: { bearerFormat: 'JWT', description: 'The access token of an account whose role is ADMIN.' },
  worker: { description: 'The secret that workers and the control plane share.' },
};

const TAGS: Readonly<Record<Group, string>> = {
  auth: 'Accounts: register, log in, stay logged in, reset a password.',
  users: 'The own account and its keys; all accounts for administrators.',
  sessions: 'WhatsApp sessions: create, connect, show the QR, end.',
  messages: 'Send messages, and see what became of them.',
  conversations: 'Contacts, groups, presence and read receipts.',
  webhooks: 'Have events sent to URLs of yours.',
  analytics: 'Counts by day.',
  workers: 'What workers call to take part.',
  callbacks: 'What workers report.',
  admin: 'Operations across tenants and workers.',
  system: 'What needs no account.',
};

const rates = Object.entries(REQUEST_RATES)
  .map(
    ([tier, { account, key }]) =>
      `| ${tier} | ${account.perSecond} a second, ${account.burst} at once | ${key.perSecond} a second, ${key.burst} at once |`,
  )
  .join('\n');

/** What holds for every operation. */
export const GUIDE = `JSON over HTTP. A success is \`{ "success": true, "data": … }\`; a failure is
\`{ "success": false, "error", "code", "requestId" }\`, its code one of the schema \`Failure\`. Times are ISO-8601 in UTC.
Ids of sessions and workers are normalised: lower case, hyphens for anything but letters and digits. Enumerations are accepted in any case.

## Limits

- A body of JSON has at most ${DEFAULT_MAX_BODY_BYTES} bytes, else 413. The gateway in front of it refuses more than 10 MB by itself.
- A request is answered within 28 seconds; the gateway in front ends it after 30.
- Requests are counted by account and by key; 429 says in \`Retry-After\` when to come back:

| tier | an account | each of its keys |
|---|---|---|
${rates}

- Public routes of accounts: ${ADDRESS_RATE.perSecond} a second from one address, ${ADDRESS_RATE.burst} at once; attempts to log in to one account: ${LOGIN_RATE.burst} at once, then one every ${Math.round(1 / LOGIN_RATE.perSecond)} seconds.
- Lists answer at most 100 entries a page.

| what | at most |
|---|---|
${LIMITS.map((row) => `| ${row.join(' | ')} |`).join('\n')}

Answers 413, 429 and 503 of the gateway in front have a shape of their own, \`{ "message" }\`. An unknown path is 404, an unknown method 405 with \`Allow\`.`;

export const components: Json = {
  schemas: { Failure: FAILURE },
  examples: FAILURE_EXAMPLES,
  headers: HEADERS,
  securitySchemes: Object.fromEntries(
    Object.entries(SCHEMES).map(([name, about]) => [name, { type: 'http', scheme: 'bearer', ...about }]),
  ),
};

export const tags = Object.entries(TAGS).map(([name, description]) => ({ name, description }));
