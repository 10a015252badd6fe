import * as z from 'zod';
import { PageQuery, Pagination } from '../../contract/paging.ts';
import { defineRoute } from '../../contract/route.ts';
import { SessionParams } from '../../sessions/schema.ts';
import { caseless, Slug } from '../../text/slug.ts';
import { nameOf } from '../../text/text.ts';

/** A key as lists show it: the prefix identifies it and cannot be used. */
export const ApiKey = z
  .object({
    keyId: z.string(),
    name: z.string().nullable(),
    prefix: z.string().meta({ description: 'The first characters, such as sk_live_a1b2c3.' }),
    sessionId: z
      .string()
      .nullable()
      .meta({ description: 'Set for the key of one session; null reaches them all.' }),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof ApiKey>;

/** Answered once, when the key is issued; only its hash is stored. */
export const IssuedApiKey = z
  .object({
    keyId: z.string(),
    apiKey: z.string(),
    prefix: z.string(),
    sessionId: z.string().optional(),
  })
  .meta({ id: 'IssuedApiKey' });
export type IssuedApiKey = z.infer<typeof IssuedApiKey>;

const base = { group: 'users', callers: ['user'] } as const;

export const createApiKey = defineRoute({
  ...base,
  id: 'createApiKey',
  method: 'POST',
  path: '/api/v1/users/api-keys',
  summary: 'Issue a key for the account, or for one session; the secret is shown once',
  body: z.object({
    name: nameOf(100).optional(),
    sessionId: Slug.optional(),
    mode: caseless(['live', 'test']).meta({ id: 'ApiKeyMode' }).default('live'),
  }),
  answer: IssuedApiKey,
  statuses: [201],
  errors: ['CONFLICT', 'NOT_FOUND'],
});

export const listApiKeys = defineRoute({
  ...base,
  id: 'listApiKeys',
  method: 'GET',
  path: '/api/v1/users/api-keys',
  summary: 'The account’s keys',
  query: PageQuery,
  answer: z.object({ keys: z.array(ApiKey), pagination: Pagination }).meta({ id: 'ApiKeyPage' }),
});

export const revokeApiKey = defineRoute({
  ...base,
  id: 'revokeApiKey',
  method: 'DELETE',
  path: '/api/v1/users/api-keys/{keyId}',
  summary: 'Revoke a key; it stops at once',
  params: z.object({ keyId: z.string().min(1).max(64) }),
  answer: z.object({ keyId: z.string() }),
});

export const issueSessionKey = defineRoute({
  id: 'issueSessionKey',
  group: 'sessions',
  method: 'POST',
  path: '/api/v1/sessions/{sessionId}/api-key',
  callers: ['user'],
  summary: 'Issue the session’s key anew; the old one stops at once',
  params: SessionParams,
  answer: IssuedApiKey,
  statuses: [201],
});

export const apiKeyRoutes = [createApiKey, listApiKeys, revokeApiKey, issueSessionKey] as const;
