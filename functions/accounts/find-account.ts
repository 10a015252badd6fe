import { type AccountItem, toUser } from '../../shared/accounts/account-item.ts';
import type { Account } from '../../shared/accounts/schema.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { SESSION_LIMITS } from '../../shared/limits/rates.ts';
import type { Deps } from '../deps.ts';
import { asUser, type Caller } from '../http/caller.ts';

/** @throws AppError UNAUTHORIZED where the caller's account is gone */
export async function findOwnAccount(deps: Deps, caller: Caller): Promise<AccountItem> {
  const { userId, accountKey } = asUser(caller);
  const account = await deps.stores.accounts.findByUserId(userId, accountKey);
  if (account === undefined) throw new AppError('UNAUTHORIZED', 'This account does not exist any more.');
  return account;
}

/** @throws AppError NOT_FOUND */
export async function findAccount(deps: Deps, userId: string): Promise<AccountItem> {
  const account = await deps.stores.accounts.findByUserId(userId);
  if (account === undefined) throw new AppError('NOT_FOUND', 'There is no account with this id.');
  return account;
}

const MAX_TRIES = 4;

/**
 * Makes one conditional write to an account, and reads it again whenever somebody else was faster.
 * @throws AppError NOT_FOUND where it was deleted meanwhile, CONFLICT where it keeps changing
 */
export async function changeAccount<Outcome>(
  deps: Deps,
  account: AccountItem,
  change: (account: AccountItem) => Promise<Outcome | undefined>,
): Promise<Outcome> {
  let current = account;
  for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
    const changed = await change(current);
    if (changed !== undefined) return changed;
    current = await findAccount(deps, account.userId);
  }
  throw new AppError('CONFLICT', 'This account is being changed by someone else just now. Try again.');
}

/** An account as administrators see it. */
export function toAccount(account: AccountItem): Account {
  return {
    ...toUser(account),
    disabled: account.disabled,
    sessionCount: account.sessionIds.size,
    sessionLimit: SESSION_LIMITS[account.tier],
    createdAt: account.createdAt,
  };
}
