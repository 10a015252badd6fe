import { linkOf } from '../../../shared/messages/outbox/link.ts';
import { MAX_WAITING } from '../../../shared/messages/outbox/wake-up-store.ts';
import { backOffMs } from '../../../shared/retry/back-off.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import type { Deps } from '../../deps.ts';
import { describeHanding, type Handing } from '../sending/handing.ts';

/** How long a worker that may have a message is left alone with it. */
export const LOOK_AGAIN = { firstMs: 10_000, longestMs: 15 * 60_000 };
/**
 * In addition to what tenants may have waiting: a worker accepts no more than this without acknowledgements.
 */
const MAX_KEPT = 1_000;

/**
 * Keeps a message that a worker has, or may have had: it is answered as pending, and the worker may die
 * before storing it. The outbox hands it over again, under its id, until the outcome is known. Nothing is
 * thrown, since an error would invite a second message.
 */
export async function keepPending(
  deps: Pick<Deps, 'stores' | 'now' | 'log'>,
  session: SessionItem,
  messageId: string,
  handing: Handing,
): Promise<void> {
  const { userId, sessionId, workerId } = session;
  const { workers, wakeUps, outbox } = deps.stores;
  try {
    const worker = workerId === undefined ? undefined : await workers.get(workerId);
    // Other workers may not recognise a repeated message by its id.
    if (worker?.fencesItself === false) return;
    const dueAt = new Date(deps.now() + backOffMs(LOOK_AGAIN, 0)).toISOString();
    const most = MAX_WAITING + MAX_KEPT;
    const wakeUp = await wakeUps.touch({ sessionId, userId, count: 1, dueAt, most });
    if (wakeUp === 'full') throw new Error('too many messages wait for this session');
    await outbox.accept({
      ...{
        userId,
        sessionId,
        messageId,
        link: linkOf(session),
        ...describeHanding(handing),
        scheduledAt: null,
      },
      ...{ body: JSON.stringify(handing), dueAt, turn: wakeUp.rev, index: 0, isHanded: true },
    });
  } catch (error) {
    deps.log.error(
      { err: error, sessionId, messageId },
      'a pending message could not be kept: should its worker die before it is written down, it is lost',
    );
  }
}
