import { RESET_TTL_MS } from '../../../shared/accounts/password-reset-store.ts';
import type { DeliveryDeps } from '../../webhooks/delivery/delivery-deps.ts';

/**
 * Makes a one-time token and sends it to the account's address, if there is one.
 * @throws where storage or the mailer fails; asked again, it makes another token, and the first used counts
 */
export async function mailResetToken(deps: DeliveryDeps, email: string): Promise<void> {
  const account = await deps.stores.accounts.findByEmail(email);
  if (account === undefined || account.disabled) return;
  const token = await deps.stores.passwordResets.issue(account);
  const text = [
    'Someone, most likely you, asked for a new password for this account.',
    `Your one-time token, good for ${RESET_TTL_MS / 60_000} minutes:`,
    token,
    'If it was not you, nothing has changed, and nothing will.',
  ].join('\n\n');
  await deps.sendMail({ to: account.email, subject: 'Your password reset', text, secret: true });
}
