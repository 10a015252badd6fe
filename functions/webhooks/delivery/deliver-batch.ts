import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type BackOff, backOffMs } from '../../../shared/retry/back-off.ts';
import { parseText } from '../../../shared/text/text.ts';
import { type Returned, settleGroups } from '../../queues/settle-groups.ts';
import { ATTEMPT_TIMEOUT_MS } from './attempt-delivery.ts';
import { type DeliveryRun, deliverMessage, type Handled } from './deliver-message.ts';
import type { DeliveryDeps } from './delivery-deps.ts';
import { DeliveryMessage } from './delivery-message.ts';
import { createFirstOutcomes } from './first-outcomes.ts';

/** Time to store the outcome of an attempt. */
const MARGIN_MS = 5_000;
/** Of what our own storage, or a fault of ours, has kept from being dealt with. */
const AFTER_FAILURE: BackOff = { firstMs: 2_000, longestMs: 15 * 60_000 };
/** Of what waits for its lane: handed over ever less often, since each time counts as a try. */
const WHILE_WAITING: BackOff = { firstMs: 2_000, longestMs: 10 * 60_000 };

/** Of the twelve times that the queue hands it over. */
const WEARY_AFTER = 8;

const receivesOf = ({ attributes }: SQSRecord) => Number(attributes.ApproximateReceiveCount);

async function handle(run: DeliveryRun, record: SQSRecord): Promise<Handled> {
  const message = DeliveryMessage.parse(parseText(record.body));
  const receives = receivesOf(record);
  return await deliverMessage(run, message, { isRepeat: receives > 1, isWeary: receives >= WEARY_AFTER });
}

/** When what was not dealt with comes again, in seconds: a time it was told, or later. */
function afterS(run: DeliveryRun, record: SQSRecord, atMs: number): number {
  const { now, random } = run.deps;
  const untilMs = atMs - now();
  if (untilMs <= 0) return 0;
  return Math.max(untilMs, backOffMs(WHILE_WAITING, receivesOf(record) - 1, random)) / 1_000;
}

/**
 * One group, in its order. Where a message cannot be dealt with, it and all behind it go back to the queue, so that nothing
 * overtakes; where only its outcome could not be written, it comes again alone, and is known to its receiver.
 */
async function runGroup(run: DeliveryRun, records: readonly SQSRecord[]): Promise<Returned[]> {
  const { log, random } = run.deps;
  const returned: Returned[] = [];
  const settling: { record: SQSRecord; written: Promise<unknown> }[] = [];
  const giveBack = (some: readonly SQSRecord[], record: SQSRecord, error: unknown) => {
    log.error({ err: error, messageId: record.messageId }, 'a delivery goes back to its queue');
    const delayMs = backOffMs(AFTER_FAILURE, receivesOf(record) - 1, random);
    returned.push({ records: some, afterS: delayMs / 1_000 });
  };
  for (const [index, record] of records.entries()) {
    const rest = records.slice(index);
    try {
      const { again, written } = await handle(run, record);
      if (again === undefined) {
        settling.push({ record, written });
        continue;
      }
      // By then it says which of it has been attempted.
      await written;
      returned.push({ records: rest, afterS: afterS(run, record, again.atMs) });
    } catch (error) {
      giveBack(rest, record, error);
    }
    break;
  }
  for (const { record, written } of settling)
    await written.catch((error: unknown) => giveBack([record], record, error));
  return returned;
}

/**
 * A batch of one of the deliveries' queues.
 * @param remainingMs how long this invocation may still run
 */
export async function deliverBatch(
  deps: DeliveryDeps,
  event: SQSEvent,
  remainingMs: () => number = () => Number.POSITIVE_INFINITY,
): Promise<SQSBatchResponse> {
  const { lane, received } = deps.consumed(event.Records[0]?.eventSourceARN);
  const run: DeliveryRun = {
    deps,
    lane,
    outcomes: createFirstOutcomes(deps.stores.deliveries),
    mayBegin: () => remainingMs() >= ATTEMPT_TIMEOUT_MS + MARGIN_MS,
  };
  return await settleGroups({ event, received, log: deps.log }, (records) => runGroup(run, records));
}
