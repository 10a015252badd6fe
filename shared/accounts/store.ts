import { createHash, randomBytes } from 'node:crypto';
import { all, any, contains, exists, missing, sizeBelow } from '../table/condition.ts';
import type { Table } from '../table/table.ts';
import { AccountItem, accountItemKey, accountKeyOf, UserPointer, userPointerKey } from './account-item.ts';
import { claimPlace, findByAddress, readAccount } from './email-place.ts';

export interface NewAccount {
  email: string;
  name: string;
  passwordHash: string;
  role?: 'USER' | 'ADMIN';
  tier?: AccountItem['tier'];
}

export interface AccountStore {
  /** Returns `undefined` where the address already has an account. */
  create(account: NewAccount): Promise<AccountItem | undefined>;
  findByEmail(email: string): Promise<AccountItem | undefined>;
  /** Writes the pointer from the user id again where a crash kept it from being written. */
  repairPointer(account: AccountItem): Promise<void>;
  /** `hint` is the account key of a token, and is tried first. */
  findByUserId(userId: string, hint?: string): Promise<AccountItem | undefined>;
  /**
   * One write; false where the account already has `limit` sessions. Adding the same entry twice adds it
   * once.
   */
  takeSlot(accountKey: string, slot: string, limit: number): Promise<boolean>;
  freeSlots(accountKey: string, slots: readonly string[]): Promise<void>;
}

/** 75 random bits without a hyphen, so that `<userId>-<slug>` can be read one way only. */
function newUserId(): string {
  const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
  return `u${Array.from(randomBytes(15), (byte) => ALPHABET[byte % ALPHABET.length]).join('')}`;
}

/** `now` is in milliseconds. */
export function createAccountStore(table: Table, now: () => number): AccountStore {
  async function writePointer({ userId, accountKey, createdAt }: AccountItem): Promise<void> {
    await table.put({
      ...userPointerKey(userId),
      userId,
      accountKey,
      // Lists accounts without a scan; unlike the account, the pointer hardly ever changes.
      ...{ gsi1pk: 'ACCOUNTS', gsi1sk: `${createdAt}#${userId}` },
    });
  }
  const findByKey = (accountKey: string) => readAccount(table, accountKey);

  /** The key of an account whose address has a place where another account is, or was. */
  async function claimElsewhere(email: string): Promise<string | undefined> {
    const accountKey = createHash('sha256')
      .update(`${email}\n${randomBytes(16).toString('hex')}`)
      .digest('hex');
    return (await claimPlace(table, { email, accountKey, now: now() })) ? accountKey : undefined;
  }

  return {
    async create({ email, name, passwordHash, role = 'USER', tier = 'BASIC' }) {
      const accountKey = accountKeyOf(email);
      const at = new Date(now()).toISOString();
      const account: AccountItem = {
        accountKey,
        userId: newUserId(),
        email,
        name,
        role,
        tier,
        passwordHash,
        disabled: false,
        tokenVersion: 0,
        rev: 0,
        sessionIds: new Set(),
        createdAt: at,
        updatedAt: at,
      };
      // DynamoDB has no empty sets.
      const { sessionIds: _, ...attributes } = account;
      const created = await table.put({ ...accountItemKey(accountKey), ...attributes }, missing('pk'));
      // The SDK repeats a write that timed out: the account that is there is then the one just made.
      const isOurs = created || (await findByKey(accountKey))?.userId === account.userId;
      const key = isOurs ? accountKey : await claimElsewhere(email);
      if (key === undefined) return undefined;
      if (!isOurs) await table.put({ ...accountItemKey(key), ...attributes, accountKey: key }, missing('pk'));
      const made = { ...account, accountKey: key };
      await writePointer(made);
      return made;
    },
    async repairPointer(account) {
      const pointer = await table.get(userPointerKey(account.userId), UserPointer);
      if (pointer?.accountKey !== account.accountKey) await writePointer(account);
    },
    findByEmail: (email) => findByAddress(table, email),
    async findByUserId(userId, hint) {
      const hinted = hint === undefined ? undefined : await findByKey(hint);
      if (hinted?.userId === userId) return hinted;
      const pointer = await table.get(userPointerKey(userId), UserPointer);
      const account = pointer === undefined ? undefined : await findByKey(pointer.accountKey);
      return account?.userId === userId ? account : undefined;
    },
    async takeSlot(accountKey, slot, limit) {
      const taken = await table.update(
        accountItemKey(accountKey),
        {
          add: { sessionIds: new Set([slot]) },
          condition: all(
            exists('pk'),
            any(missing('sessionIds'), sizeBelow('sessionIds', limit), contains('sessionIds', slot)),
          ),
        },
        AccountItem,
      );
      return taken !== undefined;
    },
    async freeSlots(accountKey, slots) {
      if (slots.length === 0) return;
      await table.update(
        accountItemKey(accountKey),
        { subtract: { sessionIds: new Set(slots) }, condition: exists('pk') },
        AccountItem,
      );
    },
  };
}
