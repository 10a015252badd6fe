import type { AccountItem } from '../../shared/accounts/account-item.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Deps } from '../deps.ts';

export interface AdminCredentials {
  email: string;
  password: string;
}

/**
 * Makes sure that an administrator with this address and password exists: creates the account, or restores
 * the rights and password of the existing administrator. A tenant's account is never promoted.
 * @throws AppError CONFLICT where the address belongs to a tenant
 */
export async function ensureAdmin(
  deps: Pick<Deps, 'stores' | 'passwords'>,
  { email, password }: AdminCredentials,
): Promise<AccountItem> {
  const { accounts, accountChanges } = deps.stores;
  const found =
    (await accounts.findByEmail(email)) ??
    (await accounts.create({
      email,
      name: 'Administrator',
      passwordHash: await deps.passwords.hash(password),
      role: 'ADMIN',
      tier: 'MAX',
    })) ??
    (await accounts.findByEmail(email));
  if (found?.role !== 'ADMIN')
    throw new AppError(
      'CONFLICT',
      'This address belongs to a tenant’s account. Choose another for the admin.',
    );
  await accounts.repairPointer(found);
  const enabled = found.disabled ? await accountChanges.administer(found, { disabled: false }) : found;
  if (enabled === undefined)
    throw new AppError('CONFLICT', 'The account is being changed just now. Try again.');
  if (await deps.passwords.verify(password, enabled.passwordHash)) return enabled;
  const changed = await accountChanges.setPassword(enabled, await deps.passwords.hash(password));
  if (changed === undefined)
    throw new AppError('CONFLICT', 'The account is being changed just now. Try again.');
  return changed;
}
