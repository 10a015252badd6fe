import { toUser } from '../../shared/accounts/account-item.ts';
import { getProfile } from '../../shared/accounts/routes.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { asUser } from '../http/caller.ts';
import { implement } from '../http/implement.ts';

export const handler = implement(getProfile, async ({ caller }, deps) => {
  const { userId, accountKey } = asUser(caller);
  const account = await deps.stores.accounts.findByUserId(userId, accountKey);
  if (account === undefined) throw new AppError('UNAUTHORIZED', 'This account does not exist any more.');
  return { data: toUser(account) };
});
