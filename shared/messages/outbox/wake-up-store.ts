import * as z from 'zod';
import { above, all, atMost, below, type Condition, equals, exists, missing } from '../../table/condition.ts';
import type { Table } from '../../table/table.ts';
import { WakeUp, wakeUpIndex, wakeUpKey } from './outbox-item.ts';

export interface Touch {
  sessionId: string;
  userId: string;
  count: number;
  dueAt: string;
  /** How many may wait; `MAX_WAITING` where absent. */
  most?: number;
}

export interface WakeUpStore {
  get(sessionId: string): Promise<WakeUp | undefined>;
  /** Called before messages are put in line. `full` where too many wait already. */
  touch(about: Touch): Promise<WakeUp | 'full'>;
  /** Sets the next look to `dueAt`; does nothing where a message was accepted since the wake-up was read. */
  postpone(wakeUp: WakeUp, dueAt: string): Promise<void>;
  /**
   * Marks that somebody is about to look, whatever the wake-up says; `undefined` where nothing is in line.
   */
  wake(sessionId: string, dueAt: string): Promise<WakeUp | undefined>;
  /** Removes the wake-up of an empty line, unless an acceptance may be under way. */
  close(wakeUp: WakeUp): Promise<void>;
  keepPace(sessionId: string, nextAt: number): Promise<void>;
  forget(sessionId: string, count: number): Promise<void>;
  /** Has what waits ended: now, and again once no earlier acceptance can be under way. */
  end(about: Pick<WakeUp, 'sessionId' | 'userId'>): Promise<void>;
  /** Marks that everything was ended, where nothing was accepted since the wake-up was read. */
  settleEnd(wakeUp: WakeUp): Promise<void>;
  /** Lists from the index, which lags, the earliest first. */
  listDue(partition: string, until: string, limit: number): Promise<{ sessionId: string; dueAt: string }[]>;
  /** Claims the wake-up until `dueAt`. */
  claim(sessionId: string, dueAt: string): Promise<WakeUp | undefined>;
}

export const MAX_WAITING = 10_000;
/** Longer than an acceptance takes: the request that makes it has ended by then. */
export const ACCEPTANCE_MS = 60_000;
const MAX_TRIES = 8;

const Hit = z.object({ gsi1sk: z.string() });

/** `now` is in milliseconds. */
export function createWakeUpStore(table: Table, now: () => number): WakeUpStore {
  const iso = (at = now()) => new Date(at).toISOString();
  const get = (sessionId: string) => table.get(wakeUpKey(sessionId), WakeUp);

  /** Acceptances at the same time raise one number; only an earlier due time needs a condition. */
  async function touch({
    sessionId,
    userId,
    count,
    dueAt,
    most = MAX_WAITING,
  }: Touch): Promise<WakeUp | 'full'> {
    const add = { waiting: count, rev: 1 };
    const about = { sessionId, userId, touchedAt: iso() };
    const sooner = { ...about, dueAt, ...wakeUpIndex(sessionId, dueAt) };
    const change = (set: Record<string, unknown>, condition: Condition) =>
      table.update(wakeUpKey(sessionId), { set, add, condition }, WakeUp);
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
      const set = { dueAt, ...wakeUpIndex(sessionId, dueAt) };
      await table.update(wakeUpKey(sessionId), { set, condition: equals('rev', rev) }, WakeUp);
    },
    wake: (sessionId, dueAt) =>
      table.update(
        wakeUpKey(sessionId),
        { set: { dueAt, ...wakeUpIndex(sessionId, dueAt) }, condition: exists('pk') },
        WakeUp,
      ),
    async close(wakeUp) {
      const { sessionId, rev } = wakeUp;
      const isSettled = below('touchedAt', iso(now() - ACCEPTANCE_MS));
      if (await table.delete(wakeUpKey(sessionId), all(equals('rev', rev), isSettled))) return;
      const dueAt = iso(now() + ACCEPTANCE_MS);
      const set = { waiting: 0, dueAt, ...wakeUpIndex(sessionId, dueAt) };
      await table.update(wakeUpKey(sessionId), { set, condition: equals('rev', rev) }, WakeUp);
    },
    async keepPace(sessionId, nextAt) {
      await table.update(wakeUpKey(sessionId), { set: { nextAt }, condition: exists('pk') }, WakeUp);
    },
    async forget(sessionId, count) {
      await table.update(wakeUpKey(sessionId), { add: { waiting: -count }, condition: exists('pk') }, WakeUp);
    },
    async end({ sessionId, userId }) {
      const at = iso();
      const set = { sessionId, userId, endedAt: at, touchedAt: at, dueAt: at, ...wakeUpIndex(sessionId, at) };
      await table.update(wakeUpKey(sessionId), { set, add: { waiting: 0, rev: 1 } }, WakeUp);
    },
    async settleEnd({ sessionId, endedAt }) {
      const condition = equals('endedAt', endedAt);
      await table.update(wakeUpKey(sessionId), { set: { endedAt: undefined }, condition }, WakeUp);
    },
    async listDue(partition, until, limit) {
      const hits = await table.query({ pk: partition, index: 'gsi1', limit }, Hit);
      return hits
        .map(({ gsi1sk }) => ({ dueAt: gsi1sk.split('#')[0] ?? '', sessionId: gsi1sk.split('#')[1] ?? '' }))
        .filter(({ dueAt }) => dueAt <= until);
    },
    async claim(sessionId, dueAt) {
      const set = { dueAt, ...wakeUpIndex(sessionId, dueAt) };
      return await table.update(wakeUpKey(sessionId), { set, condition: atMost('dueAt', iso()) }, WakeUp);
    },
  };
}
