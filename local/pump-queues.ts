import { setTimeout as delay } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Logger } from 'pino';

export interface Pump {
  /** Lets what is being handled end, and takes no more. */
  close(): Promise<void>;
}

export interface PumpOptions {
  client: SQSClient;
  queueUrl: string;
  handle: (event: SQSEvent) => Promise<SQSBatchResponse>;
  log: Logger;
  /** How many batches are handled at once; messages of a group wait for each other all the same. */
  consumers?: number;
}

const BATCH_SIZE = 10;
const WAIT_S = 20;
const BACKOFF_MS = 1_000;

function toRecord(message: Message): SQSRecord {
  const { MessageId = '', ReceiptHandle = '', Body = '', Attributes = {} } = message;
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: {
      ApproximateReceiveCount: Attributes.ApproximateReceiveCount ?? '1',
      SentTimestamp: Attributes.SentTimestamp ?? '0',
      SenderId: Attributes.SenderId ?? '',
      ApproximateFirstReceiveTimestamp: Attributes.ApproximateFirstReceiveTimestamp ?? '0',
      ...(Attributes.MessageGroupId === undefined ? {} : { MessageGroupId: Attributes.MessageGroupId }),
    },
    messageAttributes: {},
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: '',
  };
}

/** One round: what waits is handed over as one event, and what was dealt with is deleted. Answers how much. */
export async function pumpOnce(
  { client, queueUrl, handle }: Pick<PumpOptions, 'client' | 'queueUrl' | 'handle'>,
  waitS: number,
  signal?: AbortSignal,
): Promise<number> {
  const received = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: BATCH_SIZE,
      WaitTimeSeconds: waitS,
      MessageSystemAttributeNames: ['All'],
    }),
    { ...(signal === undefined ? {} : { abortSignal: signal }), requestTimeout: (waitS + 10) * 1_000 },
  );
  const messages = received.Messages ?? [];
  if (messages.length === 0) return 0;
  const { batchItemFailures } = await handle({ Records: messages.map(toRecord) });
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const done = messages.filter(({ MessageId = '' }) => !failed.has(MessageId));
  if (done.length > 0)
    await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      }),
    );
  return messages.length;
}

/** What Lambda's event source does on AWS: long polls, one event for each batch, deletes what succeeded. */
export function pumpQueue(options: PumpOptions): Pump {
  const stop = new AbortController();
  async function consume(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        await pumpOnce(options, WAIT_S, stop.signal);
      } catch (error) {
        if (stop.signal.aborted) return;
        options.log.warn({ err: error }, 'a queue could not be read; trying again');
        await delay(BACKOFF_MS, undefined, { signal: stop.signal }).catch(() => undefined);
      }
    }
  }
  const running = Promise.all(Array.from({ length: options.consumers ?? 4 }, consume));
  return {
    async close() {
      stop.abort();
      await running;
    },
  };
}

/** Does `work` again and again, `everyMs` after it ended; a failure is logged and waits for the next time. */
export function repeat(everyMs: number, work: () => Promise<unknown>, log: Logger): Pump {
  const stop = new AbortController();
  async function loop(): Promise<void> {
    while (!stop.signal.aborted) {
      await work().catch((error: unknown) => log.warn({ err: error }, 'scheduled work failed'));
      await delay(everyMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  }
  const running = loop();
  return {
    async close() {
      stop.abort();
      await running;
    },
  };
}
