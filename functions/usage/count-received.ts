import type { GatewayEvent } from '../../shared/events/registry.ts';
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
  told: readonly { report: WorkerEvent; session: SessionItem; event: GatewayEvent }[],
): Promise<void> {
  for (const { report, session, event } of told) {
    if (event.type !== 'message.received') continue;
    const { userId, sessionId } = session;
    const given = Date.parse(report.timestamp ?? '');
    const at = Number.isNaN(given) ? deps.now() : Math.min(given, deps.now());
    const { type } = event.data;
    const word = TYPE.test(type) ? type.toLowerCase() : undefined;
    const count = { userId, sessionId, at, direction: 'received' as const, type: word, seq: report.seq };
    try {
      await deps.stores.usage.countMessage(count);
    } catch (error) {
      deps.log.warn({ err: error, sessionId }, 'a received message was not counted');
    }
  }
}
