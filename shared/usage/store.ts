import { randomInt } from 'node:crypto';
import * as z from 'zod';
import { any, below, type Condition, missing } from '../table/condition.ts';
import type { Table } from '../table/table.ts';
import { BY_STATUS, BY_TYPE, dayOf, UsageItem } from './usage-item.ts';

export interface MessageCount {
  userId: string;
  sessionId: string;
  /** Milliseconds since the epoch, which decide the day. */
  at: number;
  direction?: 'sent' | 'received' | undefined;
  type?: string | undefined;
  status?: string | undefined;
  /** Number of the worker's report: reports of a session come in order, so a lower one is a repeat. */
  seq?: number | undefined;
}

export interface DayRange {
  from: string;
  to: string;
}

export interface UsageStore {
  /** One write; false for a repeat, which counts nothing. */
  countMessage(count: MessageCount): Promise<boolean>;
  countConnect(userId: string, sessionId: string, at: number): Promise<void>;
  addConnectedTime(
    userId: string,
    sessionId: string,
    parts: readonly { day: string; seconds: number }[],
  ): Promise<void>;
  /** One item per day and session, oldest first. */
  list(userId: string, range: DayRange): Promise<UsageItem[]>;
  /** Messages of all tenants on one day. */
  total(day: string): Promise<{ sent: number; received: number }>;
}

/** The longest range that can be asked for, twice: once to compare with. */
const KEEP_S = 400 * 86_400;
/** All tenants write here; one item takes a thousand writes a second. */
const TOTAL_SHARDS = 8;

const Total = z.looseObject({ sent: z.number().default(0), received: z.number().default(0) });

const itemKey = (userId: string, day: string, sessionId: string) => ({
  pk: `USAGE#${userId}`,
  sk: `${day}#${sessionId}`,
});
const totalKey = (day: string, shard: number) => ({ pk: `USAGETOTAL#${day}`, sk: String(shard) });

/** `now` is in milliseconds. */
export function createUsageStore(table: Table, now: () => number): UsageStore {
  const ttl = () => Math.ceil(now() / 1000) + KEEP_S;

  async function add(
    owner: { userId: string; sessionId: string; day: string },
    counts: Record<string, number>,
    once?: { set: Record<string, number>; condition: Condition },
  ): Promise<boolean> {
    const { userId, sessionId, day } = owner;
    const set = { ...once?.set, ttl: ttl() };
    const change = { add: counts, setIfMissing: { day, sessionId }, set };
    const key = itemKey(userId, day, sessionId);
    const added =
      once === undefined
        ? await table.update(key, change, UsageItem)
        : await table.update(key, { ...change, condition: once.condition }, UsageItem);
    return added !== undefined;
  }

  async function addToTotal(day: string, direction: 'sent' | 'received'): Promise<void> {
    const change = { add: { [direction]: 1 }, set: { ttl: ttl() } };
    await table.update(totalKey(day, randomInt(TOTAL_SHARDS)), change, Total);
  }

  return {
    async countMessage({ userId, sessionId, at, direction, type, status, seq }) {
      const counts: Record<string, number> = {};
      if (direction !== undefined) counts[direction] = 1;
      if (direction !== undefined && type !== undefined) counts[`${BY_TYPE}${type}`] = 1;
      if (status !== undefined) counts[`${BY_STATUS}${status}`] = 1;
      if (Object.keys(counts).length === 0) return false;
      const day = dayOf(at);
      const once =
        seq === undefined
          ? undefined
          : { set: { lastSeq: seq }, condition: any(missing('lastSeq'), below('lastSeq', seq)) };
      const isCounted = await add({ userId, sessionId, day }, counts, once);
      if (isCounted && direction !== undefined) await addToTotal(day, direction);
      return isCounted;
    },
    async countConnect(userId, sessionId, at) {
      await add({ userId, sessionId, day: dayOf(at) }, { connects: 1 });
    },
    async addConnectedTime(userId, sessionId, parts) {
      for (const { day, seconds } of parts)
        await add({ userId, sessionId, day }, { connectedSeconds: seconds });
    },
    async list(userId, { from, to }) {
      const items = await table.query({ pk: `USAGE#${userId}`, after: from }, UsageItem);
      return items.filter(({ day }) => day <= to);
    },
    async total(day) {
      const keys = Array.from({ length: TOTAL_SHARDS }, (_, shard) => totalKey(day, shard));
      const shards = await table.getMany(keys, Total);
      const sum = (field: 'sent' | 'received') => shards.reduce((all, shard) => all + shard[field], 0);
      return { sent: sum('sent'), received: sum('received') };
    },
  };
}
