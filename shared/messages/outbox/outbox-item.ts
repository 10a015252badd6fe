import { createHash } from 'node:crypto';
import * as z from 'zod';

export const OUTBOX_STATUSES = ['pending', 'dispatched', 'sent', 'failed', 'cancelled'] as const;
export type OutboxStatus = (typeof OUTBOX_STATUSES)[number];

/**
 * One message in the outbox: the truth about it. `dispatched`: a worker may have it. `sent` means that a worker has
 * answered for it; from then on its message record tells what becomes of it.
 */
export const OutboxItem = z.object({
  userId: z.string(),
  sessionId: z.string(),
  messageId: z.string(),
  /** Of its session, when it was accepted: it leaves by no other (`linkOf`). */
  link: z.string(),
  to: z.string(),
  type: z.string(),
  /** What a worker is handed, as JSON; gone once the outbox has done its part. */
  body: z.string().optional(),
  /** How many items hold the body, where it is too large for this one. */
  bodyParts: z.number().int().optional(),
  status: z.enum(OUTBOX_STATUSES),
  /** Where it first stood in its session's line. */
  place: z.string(),
  /** Whoever dispatched it has until then; after it, it is dispatched again under the same id. */
  claimedUntil: z.iso.datetime().optional(),
  attempts: z.number().int(),
  /** How often it has been handed over without an outcome; each makes the next wait longer. */
  looks: z.number().int().optional(),
  /** How often in a row a worker did not even say that it has it. */
  silences: z.number().int().optional(),
  scheduledAt: z.iso.datetime().nullable(),
  error: z.string().optional(),
  errorCode: z.string().optional(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  /** Unsent by then, it has failed. */
  expiresAt: z.iso.datetime(),
});
export type OutboxItem = z.infer<typeof OutboxItem>;

export const isWaiting = ({ status }: Pick<OutboxItem, 'status'>) =>
  status === 'pending' || status === 'dispatched';

/** A place in a session's line: a small item that points to the message, ordered by when it is due. */
export const LineEntry = z.object({ sk: z.string(), messageId: z.string(), link: z.string() });
export type LineEntry = z.infer<typeof LineEntry>;

/** One per session with anything in its line: what the sweeper finds, and where the pace is kept. */
export const WakeUp = z.object({
  sessionId: z.string(),
  userId: z.string(),
  /** Of messages waiting, near enough for a bound. */
  waiting: z.number().int(),
  /** Rises with every acceptance, so that closing never overlooks one. */
  rev: z.number().int(),
  /** When to look again. */
  dueAt: z.iso.datetime(),
  /** Of the last acceptance. */
  touchedAt: z.iso.datetime(),
  /** Messages of an earlier link may be in line since: they are to be ended. */
  endedAt: z.iso.datetime().optional(),
  /** When the next message would be due at an even pace, in milliseconds. */
  nextAt: z.number().optional(),
});
export type WakeUp = z.infer<typeof WakeUp>;

export const outboxPartition = (sessionId: string) => `OUTBOX#${sessionId}`;
export const outboxKey = ({ sessionId, messageId }: Pick<OutboxItem, 'sessionId' | 'messageId'>) => ({
  pk: outboxPartition(sessionId),
  sk: messageId,
});
export const linePartition = (sessionId: string) => `OUTBOX_LINE#${sessionId}`;
export const wakeUpKey = (sessionId: string) => ({ pk: `OUTBOX_BELL#${sessionId}`, sk: 'BELL' });

const SHARDS = 4;
export const BELL_PARTITIONS = Array.from({ length: SHARDS }, (_, shard) => `OUTBOX_DUE#${shard}`);

export function wakeUpIndex(sessionId: string, dueAt: string) {
  const [byte = 0] = createHash('sha256').update(sessionId).digest();
  return { gsi1pk: BELL_PARTITIONS[byte % SHARDS], gsi1sk: `${dueAt}#${sessionId}` };
}

/**
 * @param turn of the acceptance: what is due in the same millisecond keeps the order it came in
 * @param index of the message among those accepted together
 */
export function placeOf(dueAt: string, turn: number, index: number, messageId: string): string {
  return `${dueAt}#${String(turn).padStart(10, '0')}#${String(index).padStart(3, '0')}#${messageId}`;
}
export const dueAtOf = ({ sk }: Pick<LineEntry, 'sk'>) => sk.split('#')[0] ?? '';
