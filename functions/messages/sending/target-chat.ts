import { AppError } from '../../../shared/errors/app-error.ts';
import type { MessageRecord } from '../../../shared/messages/store.ts';
import type { Deps } from '../../deps.ts';

export interface TargetChat {
  to: string;
  /** The gateway has sent it itself. */
  record: MessageRecord | undefined;
}

/**
 * Finds the chat of a message: the one that the caller names, else the one that our record names.
 * @throws AppError NOT_FOUND where neither is known
 */
export async function findTargetChat(
  deps: Pick<Deps, 'stores'>,
  sessionId: string,
  messageId: string,
  given: string | undefined,
): Promise<TargetChat> {
  const record = await deps.stores.messages.get(sessionId, messageId);
  const to = given ?? record?.to;
  if (to === undefined)
    throw new AppError(
      'NOT_FOUND',
      'This session has sent no message with this id. For one that it received, name its chat in "to".',
    );
  return { to, record };
}
