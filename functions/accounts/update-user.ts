import { updateUser } from '../../shared/accounts/routes.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { asUser } from '../http/caller.ts';
import { implement } from '../http/implement.ts';
import { endConnections } from './end-connections.ts';
import { changeAccount, findAccount, toAccount } from './find-account.ts';

export const handler = implement(updateUser, async ({ caller, params: { userId }, body }, deps) => {
  const account = await findAccount(deps, userId);
  const isOwn = asUser(caller).userId === userId;
  if (isOwn && (body.disabled === true || body.role === 'USER'))
    throw new AppError('CONFLICT', 'You cannot take your own rights away. Another administrator can.');
  const changed = await changeAccount(deps, account, (current) =>
    deps.stores.accountChanges.administer(current, body),
  );
  if (changed.disabled) await endConnections(deps, changed, 'all');
  else if (changed.tokenVersion !== account.tokenVersion) await endConnections(deps, changed, 'logins');
  return { data: toAccount(changed) };
});
