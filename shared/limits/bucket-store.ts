import { LRUCache } from 'lru-cache';
import * as z from 'zod';
import { above, all, any, atMost, type Condition, missing } from '../table/condition.ts';
import type { Change } from '../table/expression.ts';
import type { Key, Table } from '../table/table.ts';
import {
  highestLevel,
  intervalMs,
  isFull,
  type Level,
  type Rate,
  remaining,
  waitMs,
} from './token-bucket.ts';

/** One bucket of an item that holds several. */
export interface Bucket {
  attribute: string;
  rate: Rate;
}

export type Levels = Readonly<Record<string, unknown>>;

/** What the caller is told of the tightest bucket. */
export interface Allowance {
  limit: number;
  remaining: number;
  /** Milliseconds until the bucket is full again. */
  resetMs: number;
}

export const levelOf = (levels: Levels, { attribute }: Bucket): Level => {
  const level = levels[attribute];
  return typeof level === 'number' ? level : undefined;
};

/** Milliseconds until all buckets allow a request; 0 where they do. */
export function longestWaitMs(levels: Levels, buckets: readonly Bucket[], now: number): number {
  return Math.max(0, ...buckets.map((bucket) => waitMs(levelOf(levels, bucket), bucket.rate, now)));
}

export function allowanceOf(levels: Levels, buckets: readonly Bucket[], now: number): Allowance {
  const allowances = buckets.map((bucket) => ({
    limit: bucket.rate.burst,
    remaining: remaining(levelOf(levels, bucket), bucket.rate, now),
    resetMs: Math.max(0, (levelOf(levels, bucket) ?? now) - now),
  }));
  return allowances.reduce((least, each) => (each.remaining < least.remaining ? each : least));
}

/**
 * Tells whether enough is left that a failed write was caused by contention and not by the limit: then it is
 * tried again, and nobody within the limit is refused because many calls came at once.
 */
export function hasPlenty(levels: Levels, buckets: readonly Bucket[], now: number): boolean {
  return buckets.every(
    (bucket) => remaining(levelOf(levels, bucket), bucket.rate, now) > bucket.rate.burst / 2,
  );
}

/** A bucket counts as idle once its level is this far in the past. */
const SETTLING_MS = 2_000;

/**
 * One conditional write that takes a token from each bucket. An update has no maximum of two values, so the
 * levels last seen decide which buckets are idle, and the condition verifies that. A bucket that has just
 * filled up is still added to: that gives away two seconds' tokens at most, where a refusal would punish a
 * caller within the limit.
 */
export function takeFrom(levels: Levels, buckets: readonly Bucket[], now: number) {
  const set: Record<string, number> = {};
  const add: Record<string, number> = {};
  const conditions: Condition[] = [];
  for (const bucket of buckets) {
    const { attribute, rate } = bucket;
    // Of many writers that set a level only one succeeds, while many can add to it; so it is set after a
    // pause only.
    if (isFull(levelOf(levels, bucket), now - SETTLING_MS)) {
      set[attribute] = now + intervalMs(rate);
      conditions.push(any(missing(attribute), atMost(attribute, now - SETTLING_MS)));
    } else {
      add[attribute] = intervalMs(rate);
      conditions.push(all(above(attribute, now - SETTLING_MS), atMost(attribute, highestLevel(rate, now))));
    }
  }
  return { set, add, conditions } satisfies Change & { conditions: Condition[] };
}

export type Taken = { allowed: true; item: Levels } | { allowed: false; retryAfterMs: number };

export interface BucketStore {
  /**
   * Takes a token from each bucket of an item, or from none. One write where the levels remembered in this
   * process are right; near the limit at most two and a read; none where they rule it out.
   */
  take(key: Key, buckets: readonly Bucket[], keepMs?: number): Promise<Taken>;
}

const MAX_REMEMBERED = 5_000;
const MAX_WRITES = 2;
const MAX_TURNS = 6;
/** A full bucket need not be stored, unless the item holds something else. */
const KEEP_MS = 24 * 3_600_000;

export const LevelsItem = z.record(z.string(), z.unknown());

/** `now` is in milliseconds. */
export function createBucketStore(table: Table, now: () => number): BucketStore {
  const remembered = new LRUCache<string, Levels>({ max: MAX_REMEMBERED });
  return {
    async take(key, buckets, keepMs = KEEP_MS) {
      let levels: Levels = remembered.get(key.pk) ?? {};
      for (let writes = 0; writes < MAX_TURNS; writes += 1) {
        if (writes >= MAX_WRITES && !hasPlenty(levels, buckets, now())) break;
        const retryAfterMs = longestWaitMs(levels, buckets, now());
        if (retryAfterMs > 0) return { allowed: false, retryAfterMs };
        const { set, add, conditions } = takeFrom(levels, buckets, now());
        const ttl = Math.ceil((now() + keepMs) / 1000);
        const item = await table.update(
          key,
          { set: { ...set, ttl }, add, condition: all(...conditions) },
          LevelsItem,
        );
        levels = item ?? (await table.get(key, LevelsItem)) ?? {};
        remembered.set(key.pk, levels);
        if (item !== undefined) return { allowed: true, item };
      }
      const shortest = Math.min(...buckets.map(({ rate }) => intervalMs(rate)));
      return { allowed: false, retryAfterMs: Math.max(shortest, longestWaitMs(levels, buckets, now())) };
    },
  };
}
