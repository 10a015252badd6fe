import { type AccountItem, toUser } from '../../shared/accounts/account-item.ts';
import type { Account } from '../../shared/accounts/schema.ts';
import { SESSION_LIMITS } from '../../shared/accounts/tiers.ts';

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
