import type { MessageRecord as Stored } from '../../shared/messages/store.ts';
import type { OutboxItem } from '../../shared/outbox/outbox-item.ts';
import type { MessageRecord } from '../../shared/outbox/routes.ts';

const ACCEPTED = 'pending';

/** What is known of a message: by the outbox until it has left, by its record from then on. */
export function toMessageRecord(
  item: OutboxItem | undefined,
  record: Stored | undefined,
): MessageRecord | undefined {
  const known = record ?? item;
  if (known === undefined) return undefined;
  const { sessionId, messageId } = known;
  const ends = item !== undefined && (item.status === 'cancelled' || item.status === 'failed');
  const waits = ends ? (item.status as 'cancelled' | 'failed') : ACCEPTED;
  const accepted = item === undefined ? [] : [{ status: ACCEPTED, at: item.createdAt }];
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
