import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { parseText } from '../../../shared/text/text.ts';
import type { Deps } from '../../deps.ts';
import { drainSession } from './drain-session.ts';
import { type OutboxSweep, sweepOutbox } from './sweep-outbox.ts';
import { WakeMessage } from './wake-up.ts';

/** Handles a batch of wake-ups: each session once, in parallel. */
export async function drainBatch(
  deps: Deps,
  event: SQSEvent,
  remainingMs: () => number = () => Number.POSITIVE_INFINITY,
): Promise<SQSBatchResponse> {
  const bySession = Map.groupBy(event.Records, ({ attributes }) => attributes.MessageGroupId ?? '');
  const failed = await Promise.all(
    [...bySession.values()].map(async (records) => {
      try {
        const { sessionId } = WakeMessage.parse(parseText(records[0]?.body ?? ''));
        await drainSession(deps, sessionId, remainingMs);
        return [];
      } catch (error) {
        deps.log.error(
          { err: error, group: records[0]?.attributes.MessageGroupId },
          'an outbox was not drained',
        );
        return records.map(({ messageId }) => ({ itemIdentifier: messageId }));
      }
    }),
  );
  return { batchItemFailures: failed.flat() };
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
