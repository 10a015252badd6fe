import { createHash } from 'node:crypto';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AppError } from '../errors/app-error.ts';

export interface QueueMessage {
  /** Messages of one group arrive in order, one at a time. */
  group: string;
  /** The same message within five minutes is taken once. */
  dedupId: string;
  body: string;
}

export interface Queue {
  /** Resolves once all are kept. @throws AppError STORAGE_UNAVAILABLE; some may have been taken then. */
  send(messages: readonly QueueMessage[]): Promise<void>;
}

export interface QueueClientOptions {
  region: string;
  /** Of an emulator; AWS's own where absent. */
  endpoint?: string | undefined;
}

const MAX_ATTEMPTS = 4;
const CONNECTION_TIMEOUT_MS = 1_000;
const REQUEST_TIMEOUT_MS = 4_000;

export function createQueueClient({ region, endpoint }: QueueClientOptions): SQSClient {
  return new SQSClient({
    region,
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
    // Emulators take any credentials, and must never be shown real ones.
    ...(endpoint === undefined
      ? {}
      : { endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
  });
}

const MAX_ENTRIES = 10;
/** A batch may weigh 256 KiB in the older regions' limits, and so may one message. */
const MAX_BATCH_BYTES = 250_000;
const PLAIN_ID = /^[\w.:-]{1,128}$/;

/** Ids have a bound and an alphabet; what does not fit is as unique by its digest. */
const idOf = (text: string) => (PLAIN_ID.test(text) ? text : createHash('sha256').update(text).digest('hex'));

function toBatches(messages: readonly QueueMessage[]): QueueMessage[][] {
  const batches: QueueMessage[][] = [];
  let room = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message.body);
    const open = batches.at(-1);
    if (open === undefined || open.length === MAX_ENTRIES || size > room) {
      batches.push([message]);
      room = MAX_BATCH_BYTES - size;
    } else {
      open.push(message);
      room -= size;
    }
  }
  return batches;
}

const unavailable = (cause: unknown) =>
  new AppError('STORAGE_UNAVAILABLE', 'The queue does not answer just now. Try again shortly.', { cause });

/** A FIFO queue. */
export function openQueue(client: SQSClient, queueUrl: string): Queue {
  async function sendBatch(batch: readonly QueueMessage[]): Promise<void> {
    const Entries = batch.map(({ group, dedupId, body }, index) => ({
      Id: String(index),
      MessageGroupId: idOf(group),
      MessageDeduplicationId: idOf(dedupId),
      MessageBody: body,
    }));
    const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries });
    const { Failed = [] } = await client.send(command).catch((cause: unknown) => {
      throw unavailable(cause);
    });
    if (Failed.length > 0) throw unavailable(Failed[0]);
  }
  return {
    async send(messages) {
      // One after another, since messages of a group must keep their order.
      for (const batch of toBatches(messages)) await sendBatch(batch);
    },
  };
}
