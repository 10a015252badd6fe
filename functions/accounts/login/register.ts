import { register } from '../../../shared/accounts/routes.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { implement } from '../../http/implement.ts';
import { issueLogin } from './issue-login.ts';

export const handler = implement(register, async ({ body }, deps) => {
  const passwordHash = await deps.passwords.hash(body.password);
  const account = await deps.stores.accounts.create({ email: body.email, name: body.name, passwordHash });
  if (account === undefined)
    throw new AppError('ACCOUNT_EXISTS', 'There is an account with this e-mail address already. Log in.');
  return { data: await issueLogin(account, deps), status: 201 };
});
