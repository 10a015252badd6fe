import { createHash } from 'node:crypto';
import * as z from 'zod';

export const OUTBOX_STATUSES = ['pending', 'dispatched', 'sent', 'failed', 'cancelled'] as const;
export type OutboxStatus = (typeof OUTBOX_STATUSES)[number];

/**
 * A message in the outbox, which is the truth about it. `dispatched`: a worker may have it. `sent`: a worker
 * has answered for it, and its message record tells the rest.
 */
export const OutboxItem = z.object({
  userId: z.string(),
  sessionId: z.string(),
  messageId: z.string(),
  /** The session's link when it was accepted: it is sent over no other (`linkOf`). */
  link: z.string(),
  to: z.string(),
  type: z.string(),
  /** What a worker is handed, as JSON; removed once the outbox has done its part. */
  body: z.string().optional(),
  /** How many items hold the body, where it is too large for this one. */
  bodyParts: z.number().int().optional(),
  status: z.enum(OUTBOX_STATUSES),
  /** Its first place in the session's line. */
  place: z.string(),
  /** The dispatcher has until then; afterwards it is dispatched again under the same id. */
  claimedUntil: z.iso.datetime().optional(),
  attempts: z.number().int(),
  /** Hand-overs without an outcome; each makes the next wait longer. */
  looks: z.number().int().optional(),
  /** Hand-overs in a row that no worker confirmed. */
  silences: z.number().int().optional(),
  scheduledAt: z.iso.datetime().nullable(),
  error: z.string().optional(),
  errorCode: z.string().optional(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  /** A message that is not sent by then has failed. */
  expiresAt: z.iso.datetime(),
});
export type OutboxItem = z.infer<typeof OutboxItem>;

export const isWaiting = ({ status }: Pick<OutboxItem, 'status'>) =>
  status === 'pending' || status === 'dispatched';

/** A place in a session's line: a small item that points to the message, sorted by due time. */
export const LineEntry = z.object({ sk: z.string(), messageId: z.string(), link: z.string() });
export type LineEntry = z.infer<typeof LineEntry>;

/** One item per session with a line: the sweeper finds it, and it keeps the pace. */
export const WakeUp = z.object({
  sessionId: z.string(),
  userId: z.string(),
  /** How many messages wait, precise enough for a bound. */
  waiting: z.number().int(),
  /** Rises with every acceptance, so that closing never overlooks one. */
  rev: z.number().int(),
  /** When to look again. */
  dueAt: z.iso.datetime(),
  /** When a message was last accepted. */
  touchedAt: z.iso.datetime(),
  /** Since then, messages of an earlier link may be in line and have to be ended. */
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
 * @param turn of the acceptance: messages due in the same millisecond keep their order
 * @param index of the message among those accepted together
 */
export function placeOf(dueAt: string, turn: number, index: number, messageId: string): string {
  return `${dueAt}#${String(turn).padStart(10, '0')}#${String(index).padStart(3, '0')}#${messageId}`;
}
export const dueAtOf = ({ sk }: Pick<LineEntry, 'sk'>) => sk.split('#')[0] ?? '';
