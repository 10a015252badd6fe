import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type BackOff, backOffMs } from '../../../shared/retry/back-off.ts';
import { parseText } from '../../../shared/text/text.ts';
import type { Deps } from '../../deps.ts';
import { settleGroups } from '../../queues/settle-groups.ts';
import { drainSession } from './drain-session.ts';
import { type OutboxSweep, sweepOutbox } from './sweep-outbox.ts';
import { WakeMessage } from './wake-up.ts';

const AFTER_FAILURE: BackOff = { firstMs: 2_000, longestMs: 15 * 60_000 };

/** A batch of rings: each session once, side by side. */
export async function drainBatch(
  deps: Deps,
  event: SQSEvent,
  remainingMs: () => number = () => Number.POSITIVE_INFINITY,
): Promise<SQSBatchResponse> {
  const { received } = deps.consumed(event.Records[0]?.eventSourceARN);
  return await settleGroups({ event, received, log: deps.log }, async (records) => {
    const [first] = records;
    try {
      const { sessionId } = WakeMessage.parse(parseText(first?.body ?? ''));
      await drainSession(deps, sessionId, remainingMs);
      return [];
    } catch (error) {
      const { MessageGroupId: group, ApproximateReceiveCount: receives = 1 } = first?.attributes ?? {};
      deps.log.error({ err: error, group }, 'an outbox was not drained');
      return [{ records, afterS: backOffMs(AFTER_FAILURE, Number(receives) - 1, deps.random) / 1_000 }];
    }
  });
}

/** The function behind the outbox's queue; invoked by a schedule instead, it sweeps what is due. */
export function outboxFunction(deps: Deps) {
  return async (
    event: SQSEvent | { source: string },
    context?: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<SQSBatchResponse | OutboxSweep> =>
    'Records' in event
      ? await drainBatch(
          deps,
          event,
          context === undefined ? undefined : () => context.getRemainingTimeInMillis(),
        )
      : await sweepOutbox(deps);
}
