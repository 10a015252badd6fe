import { AppError } from '../../shared/errors/app-error.ts';
import { getMessage } from '../../shared/outbox/routes.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession } from '../sessions/own-session.ts';
import { fromHistory, toMessageRecord } from './message-record.ts';
import { findInHistory } from './read-messages.ts';

export const handler = implement(getMessage, async ({ caller, params, requestId }, deps) => {
  const session = await findOwnSession(deps, caller, params.sessionId);
  const { sessionId } = session;
  const { messageId } = params;
  const [item, record] = await Promise.all([
    deps.stores.outbox.get(sessionId, messageId),
    deps.stores.messages.get(sessionId, messageId),
  ]);
  const known = toMessageRecord(item, record);
  if (known !== undefined) return { data: known };
  // Received, or sent more than a month ago.
  const found = await findInHistory(deps, session, messageId, requestId);
  if (found === undefined) throw new AppError('NOT_FOUND', 'There is no message with this id.');
  return { data: fromHistory(sessionId, found) };
});
