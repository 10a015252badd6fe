import { callAction } from '../aws/json-action.ts';
import { openService } from '../aws/open-service.ts';
import type { QueueOptions } from './queue.ts';

/** What a queue has handed to its consumer, by receipt handles: settled before the rest of its batch is. */
export interface ReceivedMessages {
  /** They have been dealt with. @throws where the queue does not answer */
  remove(handles: readonly string[]): Promise<void>;
  /** They are handed over again after so many seconds, in their order; 0 is at once. @throws likewise */
  postpone(handles: readonly string[], afterS: number): Promise<void>;
}

const PROTOCOL = { target: 'AmazonSQS', version: '1.0' } as const;
const ATTEMPTS = 3;
const TIMEOUT_MS = 4_000;
const MAX_ENTRIES = 10;

/** The side of a FIFO queue that its consumer calls. */
export function openReceivedMessages(
  queueUrl: string,
  { region, credentials, endpoint }: QueueOptions,
): ReceivedMessages {
  const service = openService({
    service: 'sqs',
    region,
    endpoint: endpoint ?? new URL(queueUrl).origin,
    credentials,
    attempts: ATTEMPTS,
    attemptTimeoutMs: TIMEOUT_MS,
  });
  async function call(
    action: 'DeleteMessageBatch' | 'ChangeMessageVisibilityBatch',
    handles: readonly string[],
    about: object,
  ): Promise<void> {
    for (let start = 0; start < handles.length; start += MAX_ENTRIES) {
      const some = handles.slice(start, start + MAX_ENTRIES);
      const Entries = some.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle, ...about }));
      await callAction(service, PROTOCOL, action, { QueueUrl: queueUrl, Entries });
    }
  }
  return {
    remove: (handles) => call('DeleteMessageBatch', handles, {}),
    postpone: (handles, afterS) =>
      call('ChangeMessageVisibilityBatch', handles, { VisibilityTimeout: Math.ceil(afterS) }),
  };
}
