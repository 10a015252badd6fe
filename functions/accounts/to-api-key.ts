import type { ApiKey, IssuedApiKey } from '../../shared/accounts/keys/routes.ts';
import type { ApiKeyItem, DrawnApiKey } from '../../shared/accounts/keys/store.ts';

/** A key as lists show it; `lastUsed` is in milliseconds. */
export function toApiKey(item: ApiKeyItem, lastUsed: number | undefined): ApiKey {
  return {
    keyId: item.keyId,
    name: item.name ?? null,
    prefix: item.prefix,
    sessionId: item.sessionId ?? null,
    createdAt: item.createdAt,
    lastUsedAt: lastUsed === undefined ? null : new Date(lastUsed).toISOString(),
  };
}

/** The secret is shown once, in this answer. */
export function toIssued({ item: { keyId, prefix, sessionId }, apiKey }: DrawnApiKey): IssuedApiKey {
  return sessionId === undefined ? { keyId, apiKey, prefix } : { keyId, apiKey, prefix, sessionId };
}
