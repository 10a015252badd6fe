import { AppError } from '../../shared/errors/app-error.ts';
import { getMessage } from '../../shared/outbox/routes.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession } from '../sessions/own-session.ts';
import { toMessageRecord } from './message-record.ts';

export const handler = implement(getMessage, async ({ caller, params }, deps) => {
  const { sessionId } = await findOwnSession(deps, caller, params.sessionId);
  const { messageId } = params;
  const [item, record] = await Promise.all([
    deps.stores.outbox.get(sessionId, messageId),
    deps.stores.messages.get(sessionId, messageId),
  ]);
  const data = toMessageRecord(item, record);
  if (data === undefined) throw new AppError('NOT_FOUND', 'There is no message with this id.');
  return { data };
});
