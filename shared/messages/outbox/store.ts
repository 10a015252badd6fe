import * as z from 'zod';
import { all, equals, exists, matches, missing, oneOf } from '../../table/condition.ts';
import { type MayGoOn, purgePartition } from '../../table/purge-partition.ts';
import type { Table } from '../../table/table.ts';
import { createBodyParts, MAX_PART_BYTES } from './body-parts.ts';
import { lifeOf } from './link.ts';
import {
  isWaiting,
  LineEntry,
  linePartition,
  OutboxItem,
  outboxKey,
  outboxPartition,
  placeOf,
} from './outbox-item.ts';

export type NewMessage = Pick<
  OutboxItem,
  'userId' | 'sessionId' | 'messageId' | 'link' | 'to' | 'type' | 'scheduledAt'
> & {
  body: string;
  dueAt: string;
  turn: number;
  index: number;
  /** A worker may have it already. */
  isHanded?: boolean;
};

export interface OutboxStore {
  /** Adds to the line; the same message again is the one that is there. */
  accept(message: NewMessage): Promise<OutboxItem>;
  get(sessionId: string, messageId: string): Promise<OutboxItem | undefined>;
  /** What a worker is handed, as JSON; `undefined` where the outbox has done its part. */
  readBody(item: OutboxItem): Promise<string | undefined>;
  /** The next in line, due or not. */
  head(sessionId: string, limit: number, after?: string): Promise<LineEntry[]>;
  /** Claims a message by one write; `undefined` where somebody else was faster. */
  claim(item: OutboxItem, until: string): Promise<OutboxItem | undefined>;
  /** Undoes a claim: the message waits as before. */
  release(item: OutboxItem, before: Pick<OutboxItem, 'status'>): Promise<void>;
  /** Marks a message that a worker may have. `silences`: hand-overs in a row that no worker confirmed. */
  keep(item: OutboxItem, silences: number): Promise<void>;
  /** Marks a message that the outbox is done with. */
  finish(
    item: OutboxItem,
    outcome: { status: 'sent' | 'failed'; error?: string; errorCode?: string },
  ): Promise<void>;
  /** Cancels a message that nobody has begun to send; `undefined` where it is too late. */
  cancel(item: OutboxItem): Promise<OutboxItem | undefined>;
  leaveLine(sessionId: string, entry: Pick<LineEntry, 'sk'>): Promise<void>;
  /** Moves it to a later place in line, so that those behind it need not wait. */
  moveBack(sessionId: string, entry: LineEntry, dueAt: string): Promise<void>;
  /** Removes it with its body, without a trace. */
  remove(item: Pick<OutboxItem, 'sessionId' | 'messageId' | 'bodyParts'>): Promise<void>;
  /** Removes the messages of former sessions, not their places in line; false where it stopped in between. */
  purge(sessionId: string, beforeLife: number, mayGoOn: MayGoOn): Promise<boolean>;
}

/** How long a message waits for its session to be connected. */
export const MAX_WAIT_MS = 7 * 24 * 3_600_000;
/** How far ahead a message may be scheduled. */
export const MAX_AHEAD_DAYS = 90;
/** How long an item is kept beyond that. */
const KEPT_MS = 23 * 24 * 3_600_000;

/** The part of an item that removing it needs. */
const Stored = OutboxItem.pick({ sessionId: true, messageId: true, link: true, bodyParts: true }).extend({
  sk: z.string(),
});
type Stored = z.infer<typeof Stored>;

/** `now` is in milliseconds. */
export function createOutboxStore(table: Table, now: () => number): OutboxStore {
  const iso = (at = now()) => new Date(at).toISOString();
  const parts = createBodyParts(table);
  const get = (sessionId: string, messageId: string) =>
    table.get(outboxKey({ sessionId, messageId }), OutboxItem);
  const putInLine = (sessionId: string, { sk, messageId, link }: LineEntry, ttl: number) =>
    table.put({ pk: linePartition(sessionId), sk, messageId, link, ttl });
  const ttlAfter = (at: string) => Math.ceil((Date.parse(at) + MAX_WAIT_MS + KEPT_MS) / 1000);

  const removeParts = async (item: Pick<Stored, 'sessionId' | 'messageId' | 'bodyParts'>) => {
    if (item.bodyParts !== undefined) await parts.remove(item, item.bodyParts);
  };

  /** Only the holder of the claim may write. */
  async function unclaim(item: OutboxItem, change: Partial<OutboxItem>): Promise<void> {
    const set = { ...change, claimedUntil: undefined, updatedAt: iso() };
    const condition = all(equals('status', 'dispatched'), matches('claimedUntil', item.claimedUntil));
    await table.update(outboxKey(item), { set, condition }, OutboxItem);
  }

  return {
    get,
    async accept({ dueAt, turn, index, body, isHanded = false, ...message }) {
      const { sessionId, messageId } = message;
      const ttl = ttlAfter(dueAt);
      const isLarge = Buffer.byteLength(body) > MAX_PART_BYTES;
      const item: OutboxItem = {
        ...message,
        ...(isLarge ? { bodyParts: await parts.write(message, body, ttl) } : { body }),
        ...(isHanded ? { status: 'dispatched', attempts: 1, looks: 1 } : { status: 'pending', attempts: 0 }),
        place: placeOf(dueAt, turn, index, messageId),
        createdAt: iso(),
        updatedAt: iso(),
        expiresAt: iso(Date.parse(dueAt) + MAX_WAIT_MS),
      };
      const isNew = await table.put({ ...outboxKey(item), ...item, ttl }, missing('pk'));
      const kept = isNew ? item : ((await get(sessionId, messageId)) ?? item);
      // An earlier try may have died before this write, so it is repeated at the same place.
      if (isWaiting(kept)) await putInLine(sessionId, { sk: kept.place, messageId, link: kept.link }, ttl);
      return kept;
    },
    async readBody(item) {
      return item.bodyParts === undefined ? item.body : await parts.read(item, item.bodyParts);
    },
    head: (sessionId, limit, after) => table.query({ pk: linePartition(sessionId), limit, after }, LineEntry),
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
    release: (item, { status }) => unclaim(item, { status }),
    keep: (item, silences) => unclaim(item, { silences, looks: (item.looks ?? 0) + 1 }),
    async finish(item, outcome) {
      const set = { ...outcome, body: undefined, claimedUntil: undefined, updatedAt: iso() };
      const condition = oneOf('status', ['pending', 'dispatched']);
      await table.update(outboxKey(item), { set, condition }, OutboxItem);
      await removeParts(item);
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
    async moveBack(sessionId, { sk, messageId, link }, dueAt) {
      const place = placeOf(dueAt, 0, 0, messageId);
      await putInLine(sessionId, { sk: place, messageId, link }, ttlAfter(dueAt));
      if (place !== sk) await table.delete({ pk: linePartition(sessionId), sk });
    },
    async remove(item) {
      await removeParts(item);
      await table.delete(outboxKey(item));
    },
    async purge(sessionId, beforeLife, mayGoOn) {
      const isOver = ({ link }: { link: string }) => lifeOf(link) < beforeLife;
      const items = { pk: outboxPartition(sessionId), schema: Stored, mayGoOn };
      return await purgePartition(table, items, isOver, removeParts);
    },
  };
}
