import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type AccountFacts, createAccountGuard, FACTS_TTL_MS } from '../../../shared/limits/account-guard.ts';
import { countCalls } from '../../../testing/control-plane/count-calls.ts';
import { type LocalTable, startLocalTable } from '../../../testing/control-plane/local-table.ts';

let local: LocalTable;
let calls: ReturnType<typeof countCalls>;
let accounts = 0;
const clock = { now: Date.parse('2026-11-21T10:00:00.000Z') };
const account = { perSecond: 10, burst: 20 };
const key = { perSecond: 5, burst: 10 };
const rates = { BASIC: { account, key }, PRO: { account, key }, MAX: { account, key } };

beforeAll(async () => {
  local = await startLocalTable();
  calls = countCalls(local.table);
});
afterAll(() => local.close());

let facts: AccountFacts | undefined;
let caller: { userId: string; accountKey: string };
let guard: ReturnType<typeof createAccountGuard>;
const newInstance = () =>
  createAccountGuard(
    local.table,
    () => clock.now,
    async () => facts,
    rates,
  );

beforeEach(() => {
  accounts += 1;
  caller = { userId: `u${accounts}`, accountKey: `a${accounts}` };
  facts = { tier: 'BASIC', disabled: false, tokenVersion: 0, rev: 0 };
  guard = newInstance();
});

/** As DynamoDB counts: names, text in UTF-8, two digits of a number in a byte and one for the number. */
function sizeBytes(item: Record<string, unknown>): number {
  const sizes = Object.entries(item).map(([name, value]) => {
    if (typeof value === 'number') return name.length + Math.ceil(String(value).length / 2) + 1;
    return name.length + Buffer.byteLength(String(value));
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe('the account guard', () => {
  it('the account guard costs one write per request, and at most two and a read to refuse one', async () => {
    await guard.admit(caller);
    calls.take();
    for (let admitted = 1; admitted < account.burst; admitted += 1) {
      expect((await guard.admit(caller)).outcome).toBe('admitted');
      expect(calls.take()).toEqual({ reads: 0, writes: 1 });
    }
    expect(await guard.admit(caller)).toMatchObject({ outcome: 'limited', allowance: { remaining: 0 } });
    expect(calls.take()).toEqual({ reads: 0, writes: 0 });
    // Another process knows nothing of the level yet.
    expect((await newInstance().admit(caller)).outcome).toBe('limited');
    const { reads, writes } = calls.take();
    expect(writes).toBeLessThanOrEqual(2);
    expect(reads).toBeLessThanOrEqual(2);
  });

  it('the account guard lets exactly the burst through, however many ask at once in however many processes', async () => {
    const instances = [guard, newInstance(), newInstance()];
    const asked = Array.from({ length: account.burst + 60 }, (_, index) =>
      instances[index % instances.length]?.admit(caller),
    );
    const outcomes = (await Promise.all(asked)).map((each) => each?.outcome);
    const admitted = outcomes.filter((outcome) => outcome === 'admitted').length;
    expect(admitted).toBeLessThanOrEqual(account.burst);
    // Two tries each may not find the last token among so many; then the next caller does.
    while ((await newInstance().admit(caller)).outcome === 'admitted') outcomes.push('admitted');
    expect(outcomes.filter((outcome) => outcome === 'admitted')).toHaveLength(account.burst);
  });

  it('the account guard refuses nobody within the limit, however many ask at once while time passes', async () => {
    const ticking = Array.from({ length: 4 }, () =>
      createAccountGuard(
        local.table,
        // Every look at the clock is later, as on a busy machine: the bucket fills up between look and write.
        () => {
          clock.now += 23;
          return clock.now;
        },
        async () => facts,
        rates,
      ),
    );
    for (let round = 0; round < 6; round += 1) {
      const asked = ticking.flatMap((each) => [each.admit(caller), each.admit(caller), each.admit(caller)]);
      const outcomes = await Promise.all(asked);
      expect(outcomes.map(({ outcome }) => outcome)).not.toContain('limited');
      clock.now += 5_000;
    }
  });

  it('the account guard holds each key to its own rate, and leaves the account’s rest to the others', async () => {
    const busy = { ...caller, keyId: 'kbusy00000000000' };
    for (let admitted = 0; admitted < key.burst; admitted += 1) await guard.admit(busy);
    expect((await guard.admit(busy)).outcome).toBe('limited');
    expect((await guard.admit({ ...caller, keyId: 'kother0000000000' })).outcome).toBe('admitted');
    expect((await guard.admit(caller)).outcome).toBe('admitted');
  });

  it('the account guard lets through again at the rate of the tier', async () => {
    for (let admitted = 0; admitted < account.burst; admitted += 1) await guard.admit(caller);
    const refused = await guard.admit(caller);
    expect(refused).toMatchObject({ outcome: 'limited' });
    clock.now += refused.outcome === 'limited' ? refused.retryAfterMs : 0;
    expect((await guard.admit(caller)).outcome).toBe('admitted');
    expect((await guard.admit(caller)).outcome).toBe('limited');
  });

  it('the account guard hears of a disabled account at once, in every process', async () => {
    const other = newInstance();
    await guard.admit(caller);
    await other.admit(caller);
    facts = { tier: 'BASIC', disabled: true, tokenVersion: 0, rev: 1 };
    await guard.publish(caller.userId, facts);
    expect((await guard.admit(caller)).outcome).toBe('ended');
    expect((await other.admit(caller)).outcome).toBe('ended');
    facts = { tier: 'BASIC', disabled: false, tokenVersion: 0, rev: 2 };
    await guard.publish(caller.userId, facts);
    expect((await other.admit(caller)).outcome).toBe('admitted');
  });

  it('the account guard ends access tokens of an older version, and no API key', async () => {
    await guard.publish(caller.userId, { tier: 'BASIC', disabled: false, tokenVersion: 3, rev: 5 });
    expect((await guard.admit({ ...caller, tokenVersion: 2 })).outcome).toBe('ended');
    expect((await guard.admit({ ...caller, tokenVersion: 3 })).outcome).toBe('admitted');
    expect((await guard.admit({ ...caller, keyId: 'k1' })).outcome).toBe('admitted');
  });

  it('the account guard mends a change that was never published, within minutes', async () => {
    await guard.admit(caller);
    facts = { tier: 'BASIC', disabled: true, tokenVersion: 1, rev: 1 };
    clock.now += FACTS_TTL_MS;
    expect((await guard.admit(caller)).outcome).toBe('ended');
  });

  it('the account guard never goes back to facts of before', async () => {
    await guard.publish(caller.userId, { tier: 'BASIC', disabled: true, tokenVersion: 1, rev: 7 });
    await guard.publish(caller.userId, { tier: 'BASIC', disabled: false, tokenVersion: 0, rev: 6 });
    expect((await newInstance().admit(caller)).outcome).toBe('ended');
  });

  it('the account guard knows no account that is gone', async () => {
    facts = undefined;
    expect((await guard.admit(caller)).outcome).toBe('ended');
  });

  it('the account guard fits in one write unit with as many keys as an account may have', async () => {
    for (let index = 0; index < 45; index += 1) {
      clock.now += 1_000;
      await guard.admit({ ...caller, keyId: `k${String(index).padEnd(15, 'x')}` });
    }
    const item = await local.table.get({ pk: `GUARD#${caller.userId}`, sk: 'GUARD' }, z.looseObject({}));
    expect(sizeBytes(item ?? {})).toBeLessThan(1_024);
  });
});
