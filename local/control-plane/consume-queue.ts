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
  /** The function behind the queue, told how long it may still run. */
  invoke: (event: SQSEvent, remainingMs: () => number) => Promise<SQSBatchResponse>;
  /** Batches at the same time; the queue itself keeps each group in order. */
  consumers: number;
  onError: (thrown: unknown) => void;
}

const BATCH_SIZE = 10;
const LONG_POLL_S = 10;
/** The function's; shorter than the time after which the queue takes its consumer for dead. */
const TIMEOUT_MS = 60_000;
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
 * Lambda's event source mapping: batches of a queue become events, several at a time, and what succeeded is deleted. A batch
 * that takes long holds up no other: only one poll waits for what comes, and each batch has an invocation of its own.
 */
export function consumeQueue(options: QueueConsumerOptions): { stop(): Promise<void> } {
  const { client, queueUrl, invoke, consumers, onError } = options;
  const abort = new AbortController();
  const running = new Set<Promise<void>>();

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
    const endsAt = performance.now() + TIMEOUT_MS;
    // Whoever stops lets nothing new begin.
    const remainingMs = () => (abort.signal.aborted ? 0 : endsAt - performance.now());
    const { batchItemFailures } = await invoke(toEvent(messages, queueUrl), remainingMs);
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const Entries = messages
      .filter(({ MessageId = '' }) => !failed.has(MessageId))
      .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    if (Entries.length > 0) await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }

  function start(messages: readonly Message[]): void {
    const batch: Promise<void> = work(messages)
      .catch(onError)
      .finally(() => running.delete(batch));
    running.add(batch);
  }

  async function poll(): Promise<void> {
    while (!abort.signal.aborted)
      try {
        if (running.size >= consumers) await Promise.race(running);
        const messages = await receive();
        if (messages.length > 0) start(messages);
      } catch (thrown) {
        if (abort.signal.aborted) return;
        onError(thrown);
        await sleep(PAUSE_AFTER_ERROR_MS, undefined, { signal: abort.signal }).catch(() => {});
      }
  }
  const polling = poll();
  return {
    stop: async () => {
      abort.abort();
      await polling;
      await Promise.all(running);
    },
  };
}
