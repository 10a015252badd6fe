import { all, equals, exists, matches, missing, oneOf } from '../table/condition.ts';
import type { Table } from '../table/table.ts';
import { isWaiting, LineEntry, linePartition, OutboxItem, outboxKey, placeOf } from './outbox-item.ts';

export type NewMessage = Pick<
  OutboxItem,
  'userId' | 'sessionId' | 'messageId' | 'to' | 'type' | 'scheduledAt'
> & { body: string; dueAt: string; turn: number; index: number };

export interface OutboxStore {
  /** Into the line; the same message again is the one that is there. */
  accept(message: NewMessage): Promise<OutboxItem>;
  get(sessionId: string, messageId: string): Promise<OutboxItem | undefined>;
  /** The next in line, due or not. */
  head(sessionId: string, limit: number): Promise<LineEntry[]>;
  /** The one write that makes it this caller's to send; `undefined` where someone else was faster. */
  claim(item: OutboxItem, until: string): Promise<OutboxItem | undefined>;
  /** It has certainly not been sent, and goes on waiting. */
  release(item: OutboxItem): Promise<void>;
  /** The outbox has done its part. */
  finish(
    item: OutboxItem,
    outcome: { status: 'sent' | 'failed'; error?: string; errorCode?: string },
  ): Promise<void>;
  /** Only what nobody has begun to send; `undefined` where that is too late. */
  cancel(item: OutboxItem): Promise<OutboxItem | undefined>;
  leaveLine(sessionId: string, entry: Pick<LineEntry, 'sk'>): Promise<void>;
  /** To a later place in line, so that those behind it need not wait. */
  moveBack(sessionId: string, entry: LineEntry, dueAt: string): Promise<void>;
}

/** How long a message waits for its session to be connected. */
export const MAX_WAIT_MS = 7 * 24 * 3_600_000;
/** How long its item is kept beyond that. */
const KEPT_MS = 23 * 24 * 3_600_000;

/** `now` is in milliseconds. */
export function createOutboxStore(table: Table, now: () => number): OutboxStore {
  const iso = (at = now()) => new Date(at).toISOString();
  const get = (sessionId: string, messageId: string) =>
    table.get(outboxKey({ sessionId, messageId }), OutboxItem);
  const putInLine = (sessionId: string, place: string, messageId: string, ttl: number) =>
    table.put({ pk: linePartition(sessionId), sk: place, messageId, ttl });
  const ttlAfter = (at: string) => Math.ceil((Date.parse(at) + MAX_WAIT_MS + KEPT_MS) / 1000);

  return {
    get,
    async accept({ dueAt, turn, index, ...message }) {
      const { sessionId, messageId } = message;
      const item: OutboxItem = {
        ...message,
        status: 'pending',
        place: placeOf(dueAt, turn, index, messageId),
        attempts: 0,
        createdAt: iso(),
        updatedAt: iso(),
        expiresAt: iso(Date.parse(dueAt) + MAX_WAIT_MS),
      };
      const isNew = await table.put({ ...outboxKey(item), ...item, ttl: ttlAfter(dueAt) }, missing('pk'));
      const kept = isNew ? item : ((await get(sessionId, messageId)) ?? item);
      // An earlier try may have died before this, so it is done again at the same place.
      if (isWaiting(kept)) await putInLine(sessionId, kept.place, messageId, ttlAfter(dueAt));
      return kept;
    },
    head: (sessionId, limit) => table.query({ pk: linePartition(sessionId), limit }, LineEntry),
    claim: (item, until) =>
      table.update(
        outboxKey(item),
        {
          set: { status: 'dispatched', claimedUntil: until, updatedAt: iso() },
          add: { attempts: 1 },
          condition: all(equals('status', item.status), matches('claimedUntil', item.claimedUntil)),
        },
        OutboxItem,
      ),
    async release(item) {
      await table.update(
        outboxKey(item),
        {
          set: { status: 'pending', claimedUntil: undefined, updatedAt: iso() },
          condition: all(equals('status', 'dispatched'), matches('claimedUntil', item.claimedUntil)),
        },
        OutboxItem,
      );
    },
    async finish(item, outcome) {
      const set = { ...outcome, body: undefined, claimedUntil: undefined, updatedAt: iso() };
      const condition = oneOf('status', ['pending', 'dispatched']);
      await table.update(outboxKey(item), { set, condition }, OutboxItem);
    },
    cancel: (item) =>
      table.update(
        outboxKey(item),
        {
          set: { status: 'cancelled', body: undefined, updatedAt: iso() },
          condition: all(exists('pk'), equals('status', 'pending')),
        },
        OutboxItem,
      ),
    async leaveLine(sessionId, { sk }) {
      await table.delete({ pk: linePartition(sessionId), sk });
    },
    async moveBack(sessionId, { sk, messageId }, dueAt) {
      const place = placeOf(dueAt, 0, 0, messageId);
      await putInLine(sessionId, place, messageId, ttlAfter(dueAt));
      if (place !== sk) await table.delete({ pk: linePartition(sessionId), sk });
    },
  };
}
