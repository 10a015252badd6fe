import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';

export interface QueueConsumerOptions {
  client: SQSClient;
  queueUrl: string;
  /** The function behind the queue. */
  invoke: (event: SQSEvent) => Promise<SQSBatchResponse>;
  onError: (thrown: unknown) => void;
}

const BATCH_SIZE = 10;
const LONG_POLL_S = 10;
/** Batches handled at a time; the queue keeps each group in order. */
const CONCURRENCY = 4;
const PAUSE_AFTER_ERROR_MS = 1000;

function toEvent(messages: readonly Message[], queueUrl: string): SQSEvent {
  return {
    Records: messages.map((message) => ({
      messageId: message.MessageId ?? '',
      receiptHandle: message.ReceiptHandle ?? '',
      body: message.Body ?? '',
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '0',
        SenderId: 'local',
        ApproximateFirstReceiveTimestamp: '0',
        ...message.Attributes,
      },
      messageAttributes: {},
      md5OfBody: message.MD5OfBody ?? '',
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${queueUrl.split('/').at(-1)}`,
      awsRegion: 'us-east-1',
    })),
  };
}

/**
 * Does what Lambda's event source mapping does: turns batches of a queue into events, and deletes what
 * succeeded.
 */
export function consumeQueue(options: QueueConsumerOptions): { stop(): Promise<void> } {
  const { client, queueUrl, invoke, onError } = options;
  const abort = new AbortController();

  async function receive(): Promise<Message[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: BATCH_SIZE,
      WaitTimeSeconds: LONG_POLL_S,
      MessageSystemAttributeNames: ['All'],
    });
    const { Messages = [] } = await client.send(command, { abortSignal: abort.signal });
    return Messages;
  }

  async function work(messages: readonly Message[]): Promise<void> {
    const { batchItemFailures } = await invoke(toEvent(messages, queueUrl));
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const Entries = messages
      .filter(({ MessageId = '' }) => !failed.has(MessageId))
      .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    if (Entries.length > 0) await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }

  async function poll(): Promise<void> {
    while (!abort.signal.aborted)
      try {
        const messages = await receive();
        if (messages.length > 0) await work(messages);
      } catch (thrown) {
        if (abort.signal.aborted) return;
        onError(thrown);
        await sleep(PAUSE_AFTER_ERROR_MS, undefined, { signal: abort.signal }).catch(() => {});
      }
  }
  const pollers = Array.from({ length: CONCURRENCY }, poll);
  return {
    stop: async () => {
      abort.abort();
      await Promise.all(pollers);
    },
  };
}
