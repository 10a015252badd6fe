import * as z from 'zod';
import { above, all, atMost, below, type Condition, equals, exists, missing } from '../table/condition.ts';
import type { Table } from '../table/table.ts';
import { Bell, bellIndex, bellKey } from './outbox-item.ts';

export interface Touch {
  sessionId: string;
  userId: string;
  count: number;
  dueAt: string;
  /** How many may wait; `MAX_WAITING` where absent. */
  most?: number;
}

export interface BellStore {
  get(sessionId: string): Promise<Bell | undefined>;
  /** Before messages are put in line. `full` where too many wait already. */
  touch(about: Touch): Promise<Bell | 'full'>;
  /** Looks again at `dueAt`; nothing happens where a message was accepted since the bell was read. */
  postpone(bell: Bell, dueAt: string): Promise<void>;
  /** Someone is about to look, whatever it says; `undefined` where nothing is in line. */
  wake(sessionId: string, dueAt: string): Promise<Bell | undefined>;
  /** Nothing is in line any more: removes it, unless an acceptance may be under way. */
  close(bell: Bell): Promise<void>;
  keepPace(sessionId: string, nextAt: number): Promise<void>;
  forget(sessionId: string, count: number): Promise<void>;
  /** What waits is to be ended: looks at once, and again when no acceptance of before can be under way. */
  end(about: Pick<Bell, 'sessionId' | 'userId'>): Promise<void>;
  /** What was to be ended is, and nothing has been since the bell was read. */
  settleEnd(bell: Bell): Promise<void>;
  /** From the index, which lags; the earliest first. */
  listDue(partition: string, until: string, limit: number): Promise<{ sessionId: string; dueAt: string }[]>;
  /** For the one who may ring it until `dueAt`. */
  claim(sessionId: string, dueAt: string): Promise<Bell | undefined>;
}

export const MAX_WAITING = 10_000;
/** An acceptance takes no longer: the request that makes it is ended by then. */
export const ACCEPTANCE_MS = 60_000;
const MAX_TRIES = 8;

const Hit = z.object({ gsi1sk: z.string() });

/** `now` is in milliseconds. */
export function createBellStore(table: Table, now: () => number): BellStore {
  const iso = (at = now()) => new Date(at).toISOString();
  const get = (sessionId: string) => table.get(bellKey(sessionId), Bell);

  /** Those that come at the same time raise one number: only who is earliest has to be alone. */
  async function touch({
    sessionId,
    userId,
    count,
    dueAt,
    most = MAX_WAITING,
  }: Touch): Promise<Bell | 'full'> {
    const add = { waiting: count, rev: 1 };
    const about = { sessionId, userId, touchedAt: iso() };
    const sooner = { ...about, dueAt, ...bellIndex(sessionId, dueAt) };
    const change = (set: Record<string, unknown>, condition: Condition) =>
      table.update(bellKey(sessionId), { set, add, condition }, Bell);
    for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
      const found = await get(sessionId);
      if ((found?.waiting ?? 0) + count > most) return 'full';
      const isSooner = found === undefined || dueAt < found.dueAt;
      const changed = isSooner
        ? await change(sooner, found === undefined ? missing('pk') : above('dueAt', dueAt))
        : await change(about, atMost('dueAt', dueAt));
      if (changed !== undefined) return changed;
    }
    return 'full';
  }

  return {
    get,
    touch,
    async postpone({ sessionId, rev }, dueAt) {
      const set = { dueAt, ...bellIndex(sessionId, dueAt) };
      await table.update(bellKey(sessionId), { set, condition: equals('rev', rev) }, Bell);
    },
    wake: (sessionId, dueAt) =>
      table.update(
        bellKey(sessionId),
        { set: { dueAt, ...bellIndex(sessionId, dueAt) }, condition: exists('pk') },
        Bell,
      ),
    async close(bell) {
      const { sessionId, rev } = bell;
      const isSettled = below('touchedAt', iso(now() - ACCEPTANCE_MS));
      if (await table.delete(bellKey(sessionId), all(equals('rev', rev), isSettled))) return;
      const dueAt = iso(now() + ACCEPTANCE_MS);
      const set = { waiting: 0, dueAt, ...bellIndex(sessionId, dueAt) };
      await table.update(bellKey(sessionId), { set, condition: equals('rev', rev) }, Bell);
    },
    async keepPace(sessionId, nextAt) {
      await table.update(bellKey(sessionId), { set: { nextAt }, condition: exists('pk') }, Bell);
    },
    async forget(sessionId, count) {
      await table.update(bellKey(sessionId), { add: { waiting: -count }, condition: exists('pk') }, Bell);
    },
    async end({ sessionId, userId }) {
      const at = iso();
      const set = { sessionId, userId, endedAt: at, touchedAt: at, dueAt: at, ...bellIndex(sessionId, at) };
      await table.update(bellKey(sessionId), { set, add: { waiting: 0, rev: 1 } }, Bell);
    },
    async settleEnd({ sessionId, endedAt }) {
      const condition = equals('endedAt', endedAt);
      await table.update(bellKey(sessionId), { set: { endedAt: undefined }, condition }, Bell);
    },
    async listDue(partition, until, limit) {
      const hits = await table.query({ pk: partition, index: 'gsi1', limit }, Hit);
      return hits
        .map(({ gsi1sk }) => ({ dueAt: gsi1sk.split('#')[0] ?? '', sessionId: gsi1sk.split('#')[1] ?? '' }))
        .filter(({ dueAt }) => dueAt <= until);
    },
    async claim(sessionId, dueAt) {
      const set = { dueAt, ...bellIndex(sessionId, dueAt) };
      return await table.update(bellKey(sessionId), { set, condition: atMost('dueAt', iso()) }, Bell);
    },
  };
}
