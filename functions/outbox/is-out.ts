import type { OutboxItem } from '../../shared/outbox/outbox-item.ts';
import type { Deps } from '../deps.ts';

/** Whether a report has told what became of a message that a worker may have. */
export async function isOut(
  { stores }: Pick<Deps, 'stores'>,
  { sessionId, messageId }: OutboxItem,
): Promise<boolean> {
  const record = await stores.messages.get(sessionId, messageId);
  return record !== undefined && record.status !== 'pending';
}
