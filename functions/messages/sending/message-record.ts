import type { FoundMessage } from '../../../shared/messages/history/history-record.ts';
import type { OutboxItem } from '../../../shared/messages/outbox/outbox-item.ts';
import type { MessageRecord } from '../../../shared/messages/outbox/routes.ts';
import type { MessageRecord as Stored } from '../../../shared/messages/store.ts';

const ACCEPTED = 'pending';
const ENDED: readonly OutboxItem['status'][] = ['cancelled', 'failed'];

/** What is known of a message: from the outbox until it is sent, from its record afterwards. */
export function toMessageRecord(
  item: OutboxItem | undefined,
  stored: Stored | undefined,
): MessageRecord | undefined {
  // It was handed to a worker that refused it, then ended here: it was never sent.
  const neverLeft = item !== undefined && ENDED.includes(item.status) && stored?.status === ACCEPTED;
  const record = neverLeft ? undefined : stored;
  const known = record ?? item;
  if (known === undefined) return undefined;
  const { sessionId, messageId } = known;
  const ends = item !== undefined && ENDED.includes(item.status);
  const waits = ends ? (item.status as 'cancelled' | 'failed') : ACCEPTED;
  const accepted = item === undefined ? [] : [{ status: ACCEPTED, at: beginningOf(item, record) }];
  const ended = ends && record === undefined ? [{ status: waits, at: item.updatedAt }] : [];
  const moved = (record?.timeline ?? []).filter(({ status }) => item === undefined || status !== ACCEPTED);
  return {
    sessionId,
    messageId,
    status: record?.status ?? waits,
    to: known.to ?? null,
    type: known.type ?? null,
    scheduledAt: item?.scheduledAt ?? null,
    error: known.error ?? null,
    errorCode: known.errorCode ?? null,
    timeline: [...accepted, ...moved, ...ended],
  };
}

/** A message that was kept as pending began before the outbox had it. */
function beginningOf({ createdAt }: OutboxItem, record: Stored | undefined): string {
  const begun = record?.timeline.find(({ status }) => status === ACCEPTED)?.at;
  return begun !== undefined && begun < createdAt ? begun : createdAt;
}

/** What the history says of a message that the table does not know, or no longer knows. */
export function fromHistory(sessionId: string, { message, timeline }: FoundMessage): MessageRecord {
  const { id, status, to, type, timestamp } = message;
  const failure = timeline.findLast((step) => step.status === 'failed');
  const first = timeline[0]?.status === 'pending' ? [] : [{ status: beginOf(message), at: timestamp }];
  return {
    sessionId,
    messageId: id,
    status,
    to,
    type,
    scheduledAt: null,
    error: failure?.error ?? null,
    errorCode: failure?.errorCode ?? null,
    timeline: [...first, ...timeline.map((step) => ({ status: step.status, at: step.at }))],
    message,
  };
}

/** Its status when the history stored it. */
const beginOf = ({ direction }: FoundMessage['message']) =>
  direction === 'inbound' ? 'delivered' : ACCEPTED;
