import { LRUCache } from 'lru-cache';
import * as z from 'zod';
import { all, any, atMost, type Condition, equals, missing } from '../table/condition.ts';
import type { Table } from '../table/table.ts';
import {
  type Allowance,
  allowanceOf,
  type Bucket,
  hasPlenty,
  longestWaitMs,
  takeFrom,
} from './bucket-store.ts';
import { REQUEST_RATES, TIERS } from './rates.ts';
import { intervalMs, type Rate } from './token-bucket.ts';

/** Whether an account's credentials work, and how fast. `rev` rises with every change. */
export const AccountFacts = z.object({
  tier: z.enum(TIERS),
  disabled: z.boolean(),
  /** Access tokens of an older version have ended. */
  tokenVersion: z.number().int(),
  rev: z.number().int(),
});
export type AccountFacts = z.infer<typeof AccountFacts>;

/** The facts as last copied from the account, beside the account's buckets. */
const Guard = AccountFacts.extend({ checkedAt: z.number() }).loose();
type Guard = z.infer<typeof Guard>;

export interface GuardedCaller {
  userId: string;
  accountKey: string;
  /** Set for an access token. */
  tokenVersion?: number | undefined;
  /** Set for an API key. */
  keyId?: string | undefined;
}

export type Admission =
  | { outcome: 'admitted'; allowance: Allowance }
  | { outcome: 'limited'; retryAfterMs: number; allowance: Allowance }
  /** The account is disabled or gone, or a change of password or rights has ended the token. */
  | { outcome: 'ended' };

export interface AccountGuard {
  /**
   * Admits one request: usually one conditional write, at most two where the limit is reached, none where
   * this process knows that it is reached.
   */
  admit(caller: GuardedCaller): Promise<Admission>;
  /** Tells whether the credential still works, without counting a request. */
  isLive(caller: GuardedCaller): Promise<boolean>;
  /** Makes a change of the account known at once; otherwise it is known when the copy is renewed. */
  publish(userId: string, facts: AccountFacts): Promise<void>;
  /** When each of these keys was last used, in milliseconds, with the precision of its burst. */
  lastUses(userId: string, keyIds: readonly string[]): Promise<Map<string, number>>;
}

export type ReadFacts = (userId: string, accountKey: string) => Promise<AccountFacts | undefined>;

/** How long a copy of the facts is trusted: a crash between two writes can delay a change by this. */
export const FACTS_TTL_MS = 5 * 60_000;
const MAX_REMEMBERED = 5_000;
const MAX_WRITES = 2;
const MAX_TURNS = 8;

const guardKey = (userId: string) => ({ pk: `GUARD#${userId}`, sk: 'GUARD' });
/** Short names, so that an account with many keys still fits into one write unit. */
const keyAttribute = (keyId: string) => `k${keyId.slice(0, 7)}`;

function bucketsOf(rates: { account: Rate; key: Rate }, keyId: string | undefined): Bucket[] {
  const account: Bucket = { attribute: 'account', rate: rates.account };
  return keyId === undefined ? [account] : [account, { attribute: keyAttribute(keyId), rate: rates.key }];
}

const hasEnded = (facts: AccountFacts, { tokenVersion }: GuardedCaller) =>
  facts.disabled || (tokenVersion !== undefined && tokenVersion < facts.tokenVersion);

const notNewer = (rev: number): Condition => any(missing('rev'), atMost('rev', rev));

/** `now` is in milliseconds. */
export function createAccountGuard(
  table: Table,
  now: () => number,
  readFacts: ReadFacts,
  rates = REQUEST_RATES,
): AccountGuard {
  const remembered = new LRUCache<string, Guard>({ max: MAX_REMEMBERED });
  const isFresh = (guard: Guard) => now() - guard.checkedAt < FACTS_TTL_MS;

  async function read(userId: string): Promise<Guard | undefined> {
    const guard = await table.get(guardKey(userId), Guard);
    if (guard === undefined) remembered.delete(userId);
    else remembered.set(userId, guard);
    return guard;
  }

  /**
   * The guard with facts that can be trusted; `renewed` where they come from the account and are not written
   * yet.
   */
  async function load({ userId, accountKey }: GuardedCaller, anew: boolean) {
    const known = anew ? undefined : remembered.get(userId);
    const guard = known !== undefined && isFresh(known) ? known : await read(userId);
    if (guard !== undefined && isFresh(guard)) return { guard, renewed: false, remembered: guard === known };
    const facts = await readFacts(userId, accountKey);
    if (facts === undefined) return undefined;
    return { guard: { ...guard, ...facts, checkedAt: now() }, renewed: true, remembered: false };
  }

  async function charge(userId: string, guard: Guard, renewed: boolean, buckets: readonly Bucket[]) {
    const { set, add, conditions } = takeFrom(guard, buckets, now());
    const { tier, disabled, tokenVersion, rev, checkedAt } = guard;
    const facts = renewed ? { tier, disabled, tokenVersion, rev, checkedAt } : {};
    const condition = all(renewed ? notNewer(rev) : equals('rev', rev), ...conditions);
    const after = await table.update(
      guardKey(userId),
      { set: { ...set, ...facts, ttl: undefined }, add, condition },
      Guard,
    );
    if (after === undefined) remembered.delete(userId);
    else remembered.set(userId, after);
    return after;
  }

  async function admit(caller: GuardedCaller): Promise<Admission> {
    let anew = false;
    let writes = 0;
    let last: { guard: Guard; buckets: Bucket[] } | undefined;
    for (let turn = 0; turn < MAX_TURNS; turn += 1) {
      const loaded = await load(caller, anew);
      if (loaded === undefined) return { outcome: 'ended' };
      const { guard } = loaded;
      if (writes >= MAX_WRITES && !hasPlenty(guard, bucketsOf(rates[guard.tier], caller.keyId), now())) break;
      if (hasEnded(guard, caller)) {
        if (!loaded.remembered) return { outcome: 'ended' };
        anew = true;
        continue;
      }
      const buckets = bucketsOf(rates[guard.tier], caller.keyId);
      const retryAfterMs = longestWaitMs(guard, buckets, now());
      if (retryAfterMs > 0)
        return { outcome: 'limited', retryAfterMs, allowance: allowanceOf(guard, buckets, now()) };
      const after = await charge(caller.userId, guard, loaded.renewed, buckets);
      if (after !== undefined) return { outcome: 'admitted', allowance: allowanceOf(after, buckets, now()) };
      writes += 1;
      last = { guard, buckets };
    }
    // Many requests took tokens at once, so that two tries found none, or the account changed twice
    // meanwhile.
    const buckets = last?.buckets ?? bucketsOf(rates.BASIC, caller.keyId);
    const allowance = { ...allowanceOf(last?.guard ?? {}, buckets, now()), remaining: 0 };
    const retryAfterMs = Math.max(...buckets.map(({ rate }) => intervalMs(rate)));
    return { outcome: 'limited', retryAfterMs, allowance };
  }

  return {
    admit,
    async isLive(caller) {
      const loaded = await load(caller, true);
      return loaded !== undefined && !hasEnded(loaded.guard, caller);
    },
    async publish(userId, { tier, disabled, tokenVersion, rev }) {
      const set = { tier, disabled, tokenVersion, rev, checkedAt: now() };
      remembered.delete(userId);
      await table.update(guardKey(userId), { set, condition: notNewer(rev) }, Guard);
    },
    async lastUses(userId, keyIds) {
      const guard = await table.get(guardKey(userId), Guard);
      const uses = keyIds.map((keyId) => [keyId, guard?.[keyAttribute(keyId)]] as const);
      const used = uses.filter((use): use is readonly [string, number] => typeof use[1] === 'number');
      return new Map(used.map(([keyId, level]) => [keyId, Math.min(level, now())]));
    },
  };
}
