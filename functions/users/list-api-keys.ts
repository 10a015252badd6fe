import { sessionIdOf } from '../../shared/accounts/session-slot.ts';
import { listApiKeys } from '../../shared/api-keys/routes.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import { implement } from '../http/implement.ts';
import { findOwnAccount } from './find-account.ts';
import { toApiKey } from './to-api-key.ts';

export const handler = implement(listApiKeys, async ({ caller, query: { limit, cursor } }, deps) => {
  const account = await findOwnAccount(deps, caller);
  const { userId } = account;
  const all = await deps.stores.apiKeys.listOfUser(userId, [...account.sessionIds].map(sessionIdOf));
  const positionOf = ({ createdAt, keyId }: { createdAt: string; keyId: string }) => `${createdAt}${keyId}`;
  const after = cursor === undefined ? '' : fromCursor(cursor);
  const rest = all.filter((item) => positionOf(item) > after);
  const page = rest.slice(0, limit);
  const uses = await deps.stores.guard.lastUses(
    userId,
    page.map(({ keyId }) => keyId),
  );
  const last = page.at(-1);
  const hasMore = rest.length > limit;
  return {
    data: {
      keys: page.map((item) => toApiKey(item, uses.get(item.keyId))),
      pagination: {
        limit,
        cursor: hasMore && last !== undefined ? toCursor(positionOf(last)) : null,
        hasMore,
      },
    },
  };
});
