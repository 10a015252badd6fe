import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountItemKey, userPointerKey } from '../../../shared/accounts/account-item.ts';
import {
  createRefreshTokenStore,
  REFRESH_TOKEN_TTL_MS,
} from '../../../shared/accounts/refresh-token-store.ts';
import { newSlot } from '../../../shared/accounts/session-slot.ts';
import { type AccountStore, createAccountStore } from '../../../shared/accounts/store.ts';
import { type LocalTable, startLocalTable } from '../../../testing/control-plane/local-table.ts';

let local: LocalTable;
let accounts: AccountStore;
const now = () => Date.parse('2026-01-01T00:00:00Z');
beforeAll(async () => {
  local = await startLocalTable();
  accounts = createAccountStore(local.table, now);
});
afterAll(() => local.close());

const newcomer = (email: string) => ({ email, name: 'Ada', passwordHash: 'h' });

async function create(email: string) {
  const account = await accounts.create(newcomer(email));
  if (account === undefined) throw new Error('not created');
  return account;
}

describe('accounts', () => {
  it('accounts are one per e-mail address, however many register it at once', async () => {
    const attempts = await Promise.all(
      Array.from({ length: 20 }, () => accounts.create(newcomer('ada@example.com'))),
    );
    expect(attempts.filter((account) => account !== undefined)).toHaveLength(1);
  });

  it('accounts have user ids that no session id can be mistaken for', async () => {
    expect((await create('ids@example.com')).userId).toMatch(/^u[a-z0-9]{15}$/);
  });

  it('accounts are found by user id, also where the hint in a token is out of date', async () => {
    const { userId, accountKey } = await create('find@example.com');
    expect(await accounts.findByUserId(userId, accountKey)).toMatchObject({ email: 'find@example.com' });
    expect(await accounts.findByUserId(userId, 'elsewhere')).toMatchObject({ email: 'find@example.com' });
    expect(await accounts.findByUserId('nobody')).toBeUndefined();
  });

  it('accounts whose creation broke off half-way are whole again after a login', async () => {
    const account = await create('half@example.com');
    await local.table.delete(userPointerKey(account.userId));
    expect(await accounts.findByUserId(account.userId)).toBeUndefined();
    await accounts.repairPointer(account);
    expect(await accounts.findByUserId(account.userId)).toMatchObject({ email: 'half@example.com' });
  });

  it('accounts give out no more slots than the limit, however many ask at once', async () => {
    const { accountKey } = await create('slots@example.com');
    const taken = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        accounts.takeSlot(accountKey, newSlot(`s${index}`, now()), 5),
      ),
    );
    expect(taken.filter(Boolean)).toHaveLength(5);
  });

  it('accounts count a slot taken twice once', async () => {
    const { accountKey } = await create('twice@example.com');
    const slot = newSlot('s', now());
    expect(await accounts.takeSlot(accountKey, slot, 1)).toBe(true);
    expect(await accounts.takeSlot(accountKey, slot, 1)).toBe(true);
    await accounts.freeSlots(accountKey, [slot]);
    expect(await accounts.takeSlot(accountKey, newSlot('t', now()), 1)).toBe(true);
  });

  it('accounts that do not exist have no slots to give', async () => {
    expect(await accounts.takeSlot('nobody', newSlot('s', now()), 5)).toBe(false);
    expect(await local.table.get(accountItemKey('nobody'), (await import('zod')).object({}))).toBeUndefined();
  });
});

describe('refresh tokens', () => {
  const owner = { userId: 'u', accountKey: 'k' };
  const storeAt = (at: number) => createRefreshTokenStore(local.table, () => at);

  it('refresh tokens work once each, and hand over to the next', async () => {
    const store = storeAt(now());
    const first = await store.start(owner);
    const second = await store.rotate(first);
    expect(second).toMatchObject({ outcome: 'rotated', family: owner });
    const token = second.outcome === 'rotated' ? second.refreshToken : '';
    expect(token).not.toBe(first);
    expect(await store.rotate(token)).toMatchObject({ outcome: 'rotated' });
  });

  it('refresh tokens used a second time end every token that came from the same login', async () => {
    const store = storeAt(now());
    const first = await store.start(owner);
    const second = await store.rotate(first);
    expect(await store.rotate(first)).toEqual({ outcome: 'refused' });
    const token = second.outcome === 'rotated' ? second.refreshToken : '';
    expect(await store.rotate(token)).toEqual({ outcome: 'refused' });
  });

  it('refresh tokens are one among many that are used at once', async () => {
    const store = storeAt(now());
    const first = await store.start(owner);
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => store.rotate(first)));
    expect(outcomes.filter(({ outcome }) => outcome === 'rotated').length).toBeLessThanOrEqual(1);
  });

  it('refresh tokens are refused after they have expired, revoked or never existed', async () => {
    const store = storeAt(now());
    const token = await store.start(owner);
    expect(await storeAt(now() + REFRESH_TOKEN_TTL_MS + 1).rotate(token)).toEqual({ outcome: 'refused' });
    const other = await store.start(owner);
    await store.revoke(other);
    expect(await store.rotate(other)).toEqual({ outcome: 'refused' });
    expect(await store.rotate('nonsense')).toEqual({ outcome: 'refused' });
  });

  it('refresh tokens are not in the table as they are', async () => {
    const token = await storeAt(now()).start(owner);
    const [familyId, secret] = token.split('.');
    const { unknown, record, string } = await import('zod');
    const item = await local.table.get(
      { pk: `REFRESH#${familyId}`, sk: 'REFRESH' },
      record(string(), unknown()),
    );
    expect(JSON.stringify(item)).not.toContain(secret);
  });
});
