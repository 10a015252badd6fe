import { confirmPasswordReset } from '../../../shared/accounts/routes.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { implement } from '../../http/implement.ts';
import { endConnections } from '../end-connections.ts';

const refused = () =>
  new AppError('FORBIDDEN', 'This token is not valid, was used before, or has expired. Ask for a new one.');

export const handler = implement(confirmPasswordReset, async ({ body: { token, password } }, deps) => {
  const { accounts, accountChanges, passwordResets } = deps.stores;
  const reset = await passwordResets.find(token);
  if (reset === undefined) throw refused();
  const account = await accounts.findByUserId(reset.userId, reset.accountKey);
  // A reset token is spent by the first change of the password, whoever makes it.
  if (account === undefined || account.disabled || account.tokenVersion !== reset.tokenVersion)
    throw refused();
  const passwordHash = await deps.passwords.hash(password);
  const changed = await accountChanges.setPassword(account, passwordHash);
  if (changed === undefined) throw refused();
  await Promise.all([passwordResets.discard(token), endConnections(deps, changed, 'logins')]);
  return { message: 'The password is changed. Log in with it.' };
});
