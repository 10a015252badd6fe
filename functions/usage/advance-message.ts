import { isAboutMessage } from '../../shared/messages/actions.ts';
import type { MessageRecord, MessageStep } from '../../shared/messages/store.ts';
import type { Deps } from '../deps.ts';

const NOT_OUT: readonly MessageRecord['status'][] = ['pending', 'failed'];

/**
 * Moves a message's record on, and counts the message where that moved it: each message is counted once per
 * status, however often it is reported. A crash between the two writes leaves a step uncounted, and a failing
 * count never fails its caller. Reactions, edits and revocations do not count as messages.
 */
export async function advanceMessage(
  deps: Deps,
  step: MessageStep & { userId: string },
): Promise<MessageRecord | undefined> {
  const { userId, ...message } = step;
  const moved = await deps.stores.messages.advance(message);
  if (moved === undefined || moved.status === 'pending') return moved;
  const { sessionId, messageId, status, type, timeline } = moved;
  if (isAboutMessage(type)) return moved;
  const isOut = !NOT_OUT.includes(status);
  const wasOut = timeline.slice(0, -1).some((earlier) => !NOT_OUT.includes(earlier.status));
  const direction = isOut && !wasOut ? 'sent' : undefined;
  try {
    const at = Date.parse(step.at);
    await deps.stores.usage.countMessage({ userId, sessionId, at, direction, type, status });
  } catch (error) {
    deps.log.warn({ err: error, sessionId, messageId }, 'a message was not counted');
  }
  return moved;
}
