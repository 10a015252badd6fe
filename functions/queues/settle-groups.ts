import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Logger } from 'pino';
import type { ReceivedMessages } from '../../shared/queue/received-messages.ts';

/** Records that go back to their queue, in their order. */
export interface Returned {
  records: readonly SQSRecord[];
  /** Seconds until they are handed over again. */
  afterS: number;
}

export interface Batch {
  event: SQSEvent;
  received: ReceivedMessages;
  log: Logger;
}

/** What is done by then is settled together: most batches are over sooner, and their queue settles them. */
const SETTLE_EVERY_MS = 100;

const handlesOf = (records: readonly SQSRecord[]) => records.map(({ receiptHandle }) => receiptHandle);

/** Removes from the queue what is dealt with while other groups of the batch are still at work. */
function createEarlyRemoval({ received, log }: Batch) {
  const done: string[] = [];
  const removals: Promise<void>[] = [];
  let timer: NodeJS.Timeout | undefined;
  function remove(): void {
    timer = undefined;
    const removal = received
      .remove(done.splice(0))
      .catch((error: unknown) =>
        log.warn({ err: error }, 'messages that are dealt with stay until their batch ends'),
      );
    removals.push(removal);
  }
  return {
    add(records: readonly SQSRecord[]): void {
      if (records.length === 0) return;
      done.push(...handlesOf(records));
      timer ??= setTimeout(remove, SETTLE_EVERY_MS);
    },
    /** What is left is settled with the batch's answer. */
    async end(): Promise<void> {
      clearTimeout(timer);
      await Promise.all(removals);
    },
  };
}

/**
 * Deals with a batch of a FIFO queue: its groups run side by side, each in its own order, and each is settled by
 * itself. A group that takes long holds up no other: while it is at work, what the others have done is removed, so that
 * the queue hands over what follows in them.
 * @param run deals with one group and answers what has to come again; must not throw
 */
export async function settleGroups(
  batch: Batch,
  run: (records: readonly SQSRecord[]) => Promise<readonly Returned[]>,
): Promise<SQSBatchResponse> {
  const { event, received, log } = batch;
  const groups = [
    ...Map.groupBy(event.Records, ({ attributes }) => attributes.MessageGroupId ?? '').values(),
  ];
  const removal = createEarlyRemoval(batch);
  let running = groups.length;

  async function settle(records: readonly SQSRecord[]): Promise<string[]> {
    const returned = await run(records);
    const back = new Set(returned.flatMap((each) => each.records));
    running -= 1;
    if (running > 0) removal.add(records.filter((record) => !back.has(record)));
    for (const { records: some, afterS } of returned)
      await received.postpone(handlesOf(some), afterS).catch((error: unknown) => {
        // They come again when the queue takes their consumer for dead.
        log.warn({ err: error }, 'messages could not be put back at once');
      });
    return [...back].map(({ messageId }) => messageId);
  }
  const failed = (await Promise.all(groups.map(settle))).flat();
  await removal.end();
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}
