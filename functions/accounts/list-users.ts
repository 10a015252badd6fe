import { listUsers } from '../../shared/accounts/routes.ts';
import { fromCursor, paginationOf } from '../../shared/contract/cursor.ts';
import { implement } from '../http/implement.ts';
import { toAccount } from './find-account.ts';

export const handler = implement(listUsers, async ({ query }, deps) => {
  const after = fromCursor('users', query.cursor);
  const { accounts, next } = await deps.stores.accountChanges.list({ limit: query.limit, after });
  return { data: { users: accounts.map(toAccount), pagination: paginationOf('users', query, next) } };
});
