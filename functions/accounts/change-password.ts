import { accountKeyOf } from '../../shared/accounts/account-item.ts';
import { changePassword } from '../../shared/accounts/routes.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { implement } from '../http/implement.ts';
import { endConnections } from './end-connections.ts';
import { findOwnAccount } from './find-account.ts';
import { issueLogin } from './login/issue-login.ts';
import { throttleLogin } from './login/throttle-login.ts';

export const handler = implement(changePassword, async ({ caller, body, sourceAddress }, deps) => {
  const account = await findOwnAccount(deps, caller);
  await throttleLogin(deps, accountKeyOf(account.email), sourceAddress);
  if (!(await deps.passwords.verify(body.currentPassword, account.passwordHash)))
    throw new AppError('FORBIDDEN', 'The current password is not right.');
  const passwordHash = await deps.passwords.hash(body.newPassword);
  // Replaces the account as it was read, so that the password replaced is the one that was checked.
  const changed = await deps.stores.accountChanges.setPassword(account, passwordHash);
  if (changed === undefined)
    throw new AppError('CONFLICT', 'This account has just been changed by someone else. Try again.');
  await endConnections(deps, changed, 'logins');
  return { data: await issueLogin(changed, deps) };
});
