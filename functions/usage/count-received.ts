import type { SessionItem } from '../../shared/sessions/session-item.ts';
import type { WorkerEvent } from '../../shared/workers/worker-event.ts';
import type { Deps } from '../deps.ts';

/** Types that may name a count: the word comes from a worker. */
const TYPE = /^[a-z_]{1,20}$/i;

/**
 * Counts received messages once per report, as far as their worker numbers them. A new owner that repeats a
 * report gives it a new number, so it is counted again.
 */
export async function countReceived(
  deps: Deps,
  received: readonly { event: WorkerEvent; session: SessionItem }[],
): Promise<void> {
  for (const { event, session } of received) {
    const { userId, sessionId } = session;
    const given = Date.parse(event.timestamp ?? '');
    const at = Number.isNaN(given) ? deps.now() : Math.min(given, deps.now());
    const { type } = event.data;
    const word = typeof type === 'string' && TYPE.test(type) ? type.toLowerCase() : undefined;
    const count = { userId, sessionId, at, direction: 'received' as const, type: word, seq: event.seq };
    try {
      await deps.stores.usage.countMessage(count);
    } catch (error) {
      deps.log.warn({ err: error, sessionId }, 'a received message was not counted');
    }
  }
}
