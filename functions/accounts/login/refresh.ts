import { refresh } from '../../../shared/accounts/routes.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { implement } from '../../http/implement.ts';
import { issueLogin } from './issue-login.ts';

const refused = () =>
  new AppError('UNAUTHORIZED', 'The refresh token is not valid, or was used before. Log in again.');

export const handler = implement(refresh, async ({ body }, deps) => {
  const { accounts, refreshTokens } = deps.stores;
  const rotation = await refreshTokens.rotate(body.refreshToken);
  if (rotation.outcome === 'refused') throw refused();
  const { family, refreshToken } = rotation;
  const account = await accounts.findByUserId(family.userId, family.accountKey);
  if (account === undefined) throw refused();
  // Disabling an account has already ended its logins.
  if (family.tokenVersion !== account.tokenVersion || account.disabled) {
    await refreshTokens.revoke(refreshToken);
    throw refused();
  }
  return { data: await issueLogin(account, deps, refreshToken) };
});
