import { listUsers } from '../../shared/accounts/routes.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import { implement } from '../http/implement.ts';
import { toAccount } from './to-account.ts';

export const handler = implement(listUsers, async ({ query: { limit, cursor } }, deps) => {
  const after = cursor === undefined ? undefined : fromCursor(cursor);
  const { accounts, next } = await deps.stores.accountChanges.list({ limit, after });
  return {
    data: {
      users: accounts.map(toAccount),
      pagination: { limit, cursor: next === undefined ? null : toCursor(next), hasMore: next !== undefined },
    },
  };
});
