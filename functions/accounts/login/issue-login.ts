import { type AccountItem, toUser } from '../../../shared/accounts/account-item.ts';
import type { Login } from '../../../shared/accounts/schema.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Deps } from '../../deps.ts';

/** @throws AppError FORBIDDEN for a disabled account */
export function requireEnabled(account: AccountItem): void {
  if (account.disabled)
    throw new AppError('FORBIDDEN', 'This account is disabled. Ask an administrator to enable it again.');
}

/** Issues the tokens of a login. The refresh token starts a new family unless it continues an older login. */
export async function issueLogin(account: AccountItem, deps: Deps, refreshToken?: string): Promise<Login> {
  const { userId, accountKey, role, tokenVersion } = account;
  const [access, refresh] = await Promise.all([
    deps.accessTokens.issue({ userId, accountKey, role, tokenVersion }),
    refreshToken ?? deps.stores.refreshTokens.start({ userId, accountKey, tokenVersion }),
  ]);
  return { user: toUser(account), ...access, refreshToken: refresh };
}
