import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** What a queue has handed to its consumer, by receipt handles: settled before the rest of its batch is. */
export interface ReceivedMessages {
  /** They have been dealt with. @throws where the queue does not answer */
  remove(handles: readonly string[]): Promise<void>;
  /** They are handed over again after so many seconds, in their order; 0 is at once. @throws likewise */
  postpone(handles: readonly string[], afterS: number): Promise<void>;
}

const MAX_ENTRIES = 10;

function toBatches(handles: readonly string[]): { Id: string; ReceiptHandle: string }[][] {
  return Array.from({ length: Math.ceil(handles.length / MAX_ENTRIES) }, (_, batch) =>
    handles
      .slice(batch * MAX_ENTRIES, (batch + 1) * MAX_ENTRIES)
      .map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle })),
  );
}

/** The side of a queue that its consumer calls. */
export function openReceivedMessages(client: SQSClient, QueueUrl: string): ReceivedMessages {
  return {
    async remove(handles) {
      for (const Entries of toBatches(handles))
        await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    },
    async postpone(handles, afterS) {
      const VisibilityTimeout = Math.ceil(afterS);
      for (const some of toBatches(handles)) {
        const Entries = some.map((entry) => ({ ...entry, VisibilityTimeout }));
        await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
      }
    },
  };
}
