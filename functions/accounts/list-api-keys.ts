import { listApiKeys } from '../../shared/accounts/keys/routes.ts';
import { sessionIdOf } from '../../shared/accounts/session-slot.ts';
import { fromCursor, takePage } from '../../shared/contract/cursor.ts';
import { implement } from '../http/implement.ts';
import { findOwnAccount } from './find-account.ts';
import { toApiKey } from './to-api-key.ts';

export const handler = implement(listApiKeys, async ({ caller, query }, deps) => {
  const account = await findOwnAccount(deps, caller);
  const { userId } = account;
  const all = await deps.stores.apiKeys.listOfUser(userId, [...account.sessionIds].map(sessionIdOf));
  const positionOf = ({ createdAt, keyId }: { createdAt: string; keyId: string }) => `${createdAt}${keyId}`;
  const after = fromCursor('api-keys', query.cursor) ?? '';
  const rest = all.filter((item) => positionOf(item) > after);
  const { page, pagination } = takePage('api-keys', query, rest, positionOf);
  const uses = await deps.stores.guard.lastUses(
    userId,
    page.map(({ keyId }) => keyId),
  );
  return { data: { keys: page.map((item) => toApiKey(item, uses.get(item.keyId))), pagination } };
});
