import { type AccountItem, toUser } from '../../shared/accounts/account-item.ts';
import { updateProfile } from '../../shared/accounts/routes.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Deps } from '../deps.ts';
import { implement } from '../http/implement.ts';
import { changeAccount, findOwnAccount } from './find-account.ts';

/** @throws AppError ACCOUNT_EXISTS */
async function changeEmail(deps: Deps, account: AccountItem, email: string): Promise<AccountItem> {
  const changed = await changeAccount(deps, account, (current) =>
    deps.stores.accountChanges.changeEmail(current, email),
  );
  if (changed === 'taken')
    throw new AppError('ACCOUNT_EXISTS', 'There is an account with this e-mail address already.');
  return changed;
}

export const handler = implement(updateProfile, async ({ caller, body: { name, email } }, deps) => {
  let account = await findOwnAccount(deps, caller);
  // The address is changed first because only this step can be refused.
  if (email !== undefined) account = await changeEmail(deps, account, email);
  if (name !== undefined)
    account = await changeAccount(deps, account, (current) =>
      deps.stores.accountChanges.rename(current, name),
    );
  return { data: toUser(account) };
});
