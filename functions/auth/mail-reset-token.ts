import type { AccountItem } from '../../shared/accounts/account-item.ts';
import { RESET_TTL_MS } from '../../shared/accounts/password-reset-store.ts';
import type { Deps } from '../deps.ts';

/**
 * Makes a one-time token and sends it to the account's address. Where everything runs on one machine there is no
 * mailbox: there, and nowhere else, the token is in the log.
 */
export async function mailResetToken(deps: Deps, account: AccountItem): Promise<void> {
  const token = await deps.stores.passwordResets.issue(account);
  const { userId, email: to } = account;
  if (deps.config.environment === 'DEVELOPMENT') {
    deps.log.info({ userId, resetToken: token }, 'a password reset was asked for');
    return;
  }
  const text = [
    'Someone, most likely you, asked for a new password for this account.',
    `Your one-time token, good for ${RESET_TTL_MS / 60_000} minutes:`,
    token,
    'If it was not you, nothing has changed, and nothing will.',
  ].join('\n\n');
  try {
    await deps.sendMail({ to, subject: 'Your password reset', text, secret: true });
  } catch (error) {
    // The answer is the same for addresses without an account, so it cannot tell of this.
    deps.log.error({ err: error, userId }, 'a password reset could not be mailed');
  }
}
