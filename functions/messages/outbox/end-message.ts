import { lifeOf } from '../../../shared/messages/outbox/link.ts';
import type { OutboxItem } from '../../../shared/messages/outbox/outbox-item.ts';
import { NO_LONGER_LINKED_CODE } from '../../../shared/messages/send-errors.ts';
import type { Deps } from '../../deps.ts';
import { beginOf, type EndMessage, removeMessage } from './end-earlier.ts';
import { failMessage } from './fail-message.ts';

const NOT_LINKED = {
  error: 'The session was logged out before this message was sent. Send it again once a phone is linked.',
  errorCode: NO_LONGER_LINKED_CODE,
};

/**
 * Ends a message that is over. After a deletion nobody is told; after a logout the tenant is told, unless a
 * report has already told the outcome.
 */
export const endMessage: EndMessage = async (deps, session, item) => {
  if (lifeOf(item.link) < beginOf(session)) return await removeMessage(deps, session, item);
  if (item.attempts > 0 && (await isOut(deps, item)))
    return await deps.stores.outbox.finish(item, { status: 'sent' });
  await failMessage(deps, session, item, NOT_LINKED);
};

/** Tells whether a report has already told the outcome of a message that a worker may have. */
export async function isOut(
  { stores }: Pick<Deps, 'stores'>,
  { sessionId, messageId }: OutboxItem,
): Promise<boolean> {
  const record = await stores.messages.get(sessionId, messageId);
  return record !== undefined && record.status !== 'pending';
}
