import { AppError } from '../../shared/errors/app-error.ts';
import { cancelMessage } from '../../shared/outbox/routes.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession } from '../sessions/own-session.ts';
import { toMessageRecord } from './message-record.ts';

const tooLate = () =>
  new AppError('CONFLICT', 'This message does not wait any more: it is on its way, or was sent or refused.');

export const handler = implement(cancelMessage, async ({ caller, params }, deps) => {
  const { outbox, messages, bells } = deps.stores;
  const { sessionId } = await findOwnSession(deps, caller, params.sessionId);
  const { messageId } = params;
  const item = await outbox.get(sessionId, messageId);
  if (item === undefined) {
    if ((await messages.get(sessionId, messageId)) !== undefined) throw tooLate();
    throw new AppError('NOT_FOUND', 'There is no message with this id.');
  }
  const cancelled = item.status === 'cancelled' ? item : await outbox.cancel(item);
  const data = cancelled && toMessageRecord(cancelled, undefined);
  if (data === undefined) throw tooLate();
  // Should this break off, the dispatcher finds it cancelled and frees the place.
  await outbox.leaveLine(sessionId, { sk: item.place });
  if (item.status !== 'cancelled') await bells.forget(sessionId, 1);
  return { data };
});
