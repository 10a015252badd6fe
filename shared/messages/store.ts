import * as z from 'zod';
import { any, below, missing } from '../table/condition.ts';
import { type MayGoOn, purgePartition } from '../table/purge-partition.ts';
import type { Table } from '../table/table.ts';
import { MESSAGE_STATUSES, type MessageStatus, STATUS_RANK } from './schema.ts';

export const MESSAGE_TTL_MS = 30 * 24 * 3_600_000;

/** What became of one message; its text is not here. */
export const MessageRecord = z.object({
  sessionId: z.string(),
  messageId: z.string(),
  status: z.enum(MESSAGE_STATUSES),
  rank: z.number().int(),
  to: z.string().optional(),
  type: z.string().optional(),
  error: z.string().optional(),
  errorCode: z.string().optional(),
  timeline: z.array(z.object({ status: z.enum(MESSAGE_STATUSES), at: z.iso.datetime() })),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type MessageRecord = z.infer<typeof MessageRecord>;

export interface MessageStep {
  sessionId: string;
  messageId: string;
  status: MessageStatus;
  /** ISO-8601, UTC. */
  at: string;
  to?: string | undefined;
  type?: string | undefined;
  error?: string | undefined;
  errorCode?: string | undefined;
}

export interface MessageStore {
  /** Moves forward only, and makes the record where there is none; `undefined` where nothing moved. */
  advance(step: MessageStep): Promise<MessageRecord | undefined>;
  get(sessionId: string, messageId: string): Promise<MessageRecord | undefined>;
  /** Removes records made before; false where it stopped in between. */
  purge(sessionId: string, before: string, mayGoOn: MayGoOn): Promise<boolean>;
}

const partitionOf = (sessionId: string) => `MESSAGES#${sessionId}`;
const keyOf = (sessionId: string, messageId: string) => ({ pk: partitionOf(sessionId), sk: messageId });

/** When it ends tells when it was made, by our own clock: `createdAt` is its worker's word. */
const Kept = MessageRecord.pick({ expiresAt: true }).extend({ sk: z.string() });

/** `now` is in milliseconds. */
export function createMessageStore(table: Table, now: () => number): MessageStore {
  return {
    advance({ sessionId, messageId, status, at, ...about }) {
      const expiresAt = now() + MESSAGE_TTL_MS;
      const rank = STATUS_RANK[status];
      const known = Object.entries(about).filter(([, value]) => value !== undefined);
      return table.update(
        keyOf(sessionId, messageId),
        {
          set: { status, rank, updatedAt: new Date(now()).toISOString(), ...Object.fromEntries(known) },
          setIfMissing: {
            sessionId,
            messageId,
            createdAt: at,
            expiresAt: new Date(expiresAt).toISOString(),
            ttl: Math.ceil(expiresAt / 1000),
          },
          append: { timeline: [{ status, at }] },
          condition: any(missing('rank'), below('rank', rank)),
        },
        MessageRecord,
      );
    },
    purge(sessionId, before, mayGoOn) {
      const expiry = new Date(Date.parse(before) + MESSAGE_TTL_MS).toISOString();
      const partition = { pk: partitionOf(sessionId), schema: Kept, mayGoOn };
      return purgePartition(table, partition, ({ expiresAt }) => expiresAt < expiry);
    },
    async get(sessionId, messageId) {
      const record = await table.get(keyOf(sessionId, messageId), MessageRecord);
      return record === undefined || Date.parse(record.expiresAt) <= now() ? undefined : record;
    },
  };
}
