import * as z from 'zod';
import type { AccountFacts } from '../limits/account-guard.ts';
import { all, any, type Condition, equals, missing } from '../table/condition.ts';
import type { Table } from '../table/table.ts';
import { AccountItem, accountItemKey, UserPointer, userPointerKey } from './account-item.ts';
import { claimPlace, readAccount, releasePlace, removeAccountItem } from './email-place.ts';

export interface AccountPage {
  accounts: AccountItem[];
  /** Where the next page starts; `undefined` on the last. */
  next: string | undefined;
}

/** Fields that an administrator may set. */
export interface Administered {
  name?: string | undefined;
  tier?: AccountItem['tier'] | undefined;
  role?: AccountItem['role'] | undefined;
  disabled?: boolean | undefined;
}

/**
 * Changes accounts. Each change is one conditional write on the account as it was read, and returns
 * `undefined` where it has changed since; its effect on credentials is then published to the account's guard.
 */
export interface AccountChanges {
  rename(account: AccountItem, name: string): Promise<AccountItem | undefined>;
  /** `taken` where another account has the address. */
  changeEmail(account: AccountItem, email: string): Promise<AccountItem | 'taken' | undefined>;
  /** Ends every login; API keys stay. */
  setPassword(account: AccountItem, passwordHash: string): Promise<AccountItem | undefined>;
  /** A new role, or disabling, ends every login. */
  administer(account: AccountItem, change: Administered): Promise<AccountItem | undefined>;
  remove(account: AccountItem): Promise<void>;
  /** Lists accounts in the order they were opened. */
  list(page: { limit: number; after?: string | undefined }): Promise<AccountPage>;
}

const IndexedPointer = z.object({ pk: z.string(), gsi1sk: z.string() });

/** Older accounts lack this attribute; it then counts as 0. */
const counts = (attribute: 'rev' | 'tokenVersion', value: number): Condition =>
  value === 0 ? any(missing(attribute), equals(attribute, 0)) : equals(attribute, value);

export function factsOf({ tier, disabled, tokenVersion, rev }: AccountItem): AccountFacts {
  return { tier, disabled, tokenVersion, rev };
}

/** `now` is in milliseconds. */
export function createAccountChanges(
  table: Table,
  now: () => number,
  publish: (userId: string, facts: AccountFacts) => Promise<void>,
): AccountChanges {
  async function change(account: AccountItem, set: Partial<AccountItem>): Promise<AccountItem | undefined> {
    const { accountKey, userId, rev } = account;
    const changed = await table.update(
      accountItemKey(accountKey),
      {
        set: { ...set, rev: rev + 1, updatedAt: new Date(now()).toISOString() },
        condition: all(equals('userId', userId), counts('rev', rev)),
      },
      AccountItem,
    );
    if (changed !== undefined) await publish(userId, factsOf(changed));
    return changed;
  }

  return {
    rename: (account, name) => change(account, { name }),
    async changeEmail(account, email) {
      const { accountKey } = account;
      if (account.email === email) return account;
      if (!(await claimPlace(table, { email, accountKey, now: now() }))) return 'taken';
      const changed = await change(account, { email });
      await releasePlace(table, { email: changed === undefined ? email : account.email, accountKey });
      return changed;
    },
    setPassword: (account, passwordHash) =>
      change(account, { passwordHash, tokenVersion: account.tokenVersion + 1 }),
    administer(account, { name, tier, role, disabled }) {
      const ends = (role !== undefined && role !== account.role) || (disabled === true && !account.disabled);
      const given = Object.entries({ name, tier, role, disabled }).filter(([, value]) => value !== undefined);
      const tokenVersion = account.tokenVersion + (ends ? 1 : 0);
      return change(account, { ...Object.fromEntries(given), tokenVersion });
    },
    async remove(account) {
      const { userId, accountKey, email, rev } = account;
      await table.delete(userPointerKey(userId));
      await releasePlace(table, { email, accountKey });
      await removeAccountItem(table, accountKey);
      await publish(userId, { ...factsOf(account), disabled: true, rev: rev + 1 });
    },
    async list({ limit, after }) {
      const hits = await table.query({ pk: 'ACCOUNTS', index: 'gsi1', limit, after }, IndexedPointer);
      const userIds = hits.map(({ pk }) => pk.slice('USER#'.length));
      const pointers = await table.getMany(userIds.map(userPointerKey), UserPointer);
      const found = await Promise.all(pointers.map(({ accountKey }) => readAccount(table, accountKey)));
      const byId = new Map(found.filter((each) => each !== undefined).map((each) => [each.userId, each]));
      return {
        accounts: userIds.map((userId) => byId.get(userId)).filter((each) => each !== undefined),
        next: hits.length < limit ? undefined : hits.at(-1)?.gsi1sk,
      };
    },
  };
}
