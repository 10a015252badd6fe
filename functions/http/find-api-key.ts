import type { ApiKeyStore } from '../../shared/api-keys/store.ts';
import type { ApiKeyCaller } from './caller.ts';

/** Whose key this is, as it stands now; `undefined` for one that does not exist or was revoked. */
export async function findApiKey(
  apiKeys: Pick<ApiKeyStore, 'find'>,
  apiKey: string,
): Promise<ApiKeyCaller | undefined> {
  const found = await apiKeys.find(apiKey);
  if (found === undefined) return undefined;
  const { keyId, userId, accountKey, sessionId } = found;
  return sessionId === undefined
    ? { kind: 'apiKey', keyId, userId, accountKey }
    : { kind: 'apiKey', keyId, userId, accountKey, sessionId };
}
