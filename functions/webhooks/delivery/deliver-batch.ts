import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { parseText } from '../../../shared/text/text.ts';
import { ATTEMPT_TIMEOUT_MS } from './attempt-delivery.ts';
import { deliverMessage } from './deliver-message.ts';
import type { DeliveryDeps } from './delivery-deps.ts';
import { DeliveryMessage } from './delivery-message.ts';

/** Time to store the outcome of an attempt. */
const MARGIN_MS = 5_000;

/**
 * Handles a batch of the deliveries' queue. Groups run in parallel, each in its own order; where one message
 * of a group cannot be handled, it and everything behind it return to the queue, so that nothing overtakes.
 * @param remainingMs how long this invocation may still run
 */
export async function deliverBatch(
  deps: DeliveryDeps,
  event: SQSEvent,
  remainingMs: () => number = () => Number.POSITIVE_INFINITY,
): Promise<SQSBatchResponse> {
  async function runGroup(records: readonly SQSRecord[]): Promise<string[]> {
    for (const [index, { body, attributes, messageId }] of records.entries()) {
      const rest = () => records.slice(index).map((record) => record.messageId);
      if (remainingMs() < ATTEMPT_TIMEOUT_MS + MARGIN_MS) return rest();
      try {
        const message = DeliveryMessage.parse(parseText(body));
        await deliverMessage(deps, message, Number(attributes.ApproximateReceiveCount) > 1);
      } catch (error) {
        deps.log.error({ err: error, messageId }, 'a delivery goes back to its queue');
        return rest();
      }
    }
    return [];
  }
  const groups = Map.groupBy(event.Records, ({ attributes }) => attributes.MessageGroupId ?? '');
  const returned = await Promise.all([...groups.values()].map(runGroup));
  return { batchItemFailures: returned.flat().map((itemIdentifier) => ({ itemIdentifier })) };
}
