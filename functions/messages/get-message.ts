import { AppError } from '../../shared/errors/app-error.ts';
import type { FoundMessage } from '../../shared/messages/history/history-record.ts';
import { getMessage } from '../../shared/messages/outbox/routes.ts';
import type { Deps } from '../deps.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession } from '../sessions/own-session.ts';
import { signMedia } from './media/sign-media.ts';
import { findInHistory } from './read-messages.ts';
import { fromHistory, toMessageRecord } from './sending/message-record.ts';

/** Without a bucket the file's id is told all the same. */
async function withUrl(deps: Deps, sessionId: string, found: FoundMessage): Promise<FoundMessage> {
  const { media } = found.message;
  if (media === undefined || deps.config.bucket === undefined) return found;
  return { ...found, message: { ...found.message, media: await signMedia(deps.objects, sessionId, media) } };
}

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
  // Received messages, and those sent more than a month ago, are in the history only.
  const found = await findInHistory(deps, session, messageId, requestId);
  if (found === undefined) throw new AppError('NOT_FOUND', 'There is no message with this id.');
  return { data: fromHistory(sessionId, await withUrl(deps, sessionId, found)) };
});
