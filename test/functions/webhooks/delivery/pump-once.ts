import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';

export interface PumpOptions {
  client: SQSClient;
  queueUrl: string;
  handle: (event: SQSEvent) => Promise<SQSBatchResponse>;
}

const BATCH_SIZE = 10;

function toRecord(message: Message, queueUrl: string): SQSRecord {
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
    eventSourceARN: queueUrl.split('/').at(-1) ?? '',
    awsRegion: '',
  };
}

/**
 * One round: what waits is handed over as one event, and what was dealt with is deleted. The rest is there again at
 * once, as if the time had passed after which the queue takes its consumer for dead. Answers how much was handed over.
 */
export async function pumpOnce({ client, queueUrl, handle }: PumpOptions): Promise<number> {
  const received = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: BATCH_SIZE,
      WaitTimeSeconds: 0,
      MessageSystemAttributeNames: ['All'],
    }),
  );
  const messages = received.Messages ?? [];
  if (messages.length === 0) return 0;
  const { batchItemFailures } = await handle({
    Records: messages.map((message) => toRecord(message, queueUrl)),
  });
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const entriesOf = (hasFailed: boolean) =>
    messages
      .filter(({ MessageId = '' }) => failed.has(MessageId) === hasFailed)
      .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  const done = entriesOf(false);
  if (done.length > 0)
    await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: done }));
  const rest = entriesOf(true).map((entry) => ({ ...entry, VisibilityTimeout: 0 }));
  if (rest.length > 0)
    await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries: rest }));
  return messages.length;
}
