import { accountKeyOf } from '../../../shared/accounts/account-item.ts';
import { login } from '../../../shared/accounts/routes.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { implement } from '../../http/implement.ts';
import { issueLogin, requireEnabled } from './issue-login.ts';
import { throttleLogin, trustAddress } from './throttle-login.ts';

export const handler = implement(login, async ({ body, sourceAddress }, deps) => {
  const accountKey = accountKeyOf(body.email);
  await throttleLogin(deps, accountKey, sourceAddress);
  const account = await deps.stores.accounts.findByEmail(body.email);
  const isRight = await deps.passwords.verify(body.password, account?.passwordHash);
  if (account === undefined || !isRight)
    throw new AppError('UNAUTHORIZED', 'E-mail address or password are not right.');
  requireEnabled(account);
  // The account's state is checked only after the password: an unknown address must take as long as a known
  // one.
  await deps.stores.accounts.repairPointer(account);
  await trustAddress(deps, accountKey, sourceAddress);
  return { data: await issueLogin(account, deps) };
});
