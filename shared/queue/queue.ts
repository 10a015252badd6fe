import { createHash } from 'node:crypto';
import { type BatchResultErrorEntry, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type AwsPlace, clientSettings } from '../aws/client-settings.ts';
import { AppError } from '../errors/app-error.ts';

export interface QueueMessage {
  /** Messages of one group arrive in order, one at a time. */
  group: string;
  /** The same message within five minutes is taken once. */
  dedupId: string;
  /** JSON. */
  body: string;
}

export interface Queue {
  /** Resolves once all are kept. @throws AppError STORAGE_UNAVAILABLE; some may have been taken then. */
  send(messages: readonly QueueMessage[]): Promise<void>;
}

const ATTEMPTS = 4;
const TIMEOUT_MS = 4_000;

/** One per process, for all its queues. */
export const createQueueClient = (place: AwsPlace): SQSClient =>
  new SQSClient(clientSettings(place, { attempts: ATTEMPTS, timeoutMs: TIMEOUT_MS }));

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

const describeFailed = (failed: readonly BatchResultErrorEntry[]) =>
  `${failed.length} messages (${[...new Set(failed.map(({ Code }) => Code))].join(', ')})`;

/** A FIFO queue. */
export function openQueue(client: SQSClient, queueUrl: string): Queue {
  async function sendBatch(batch: readonly QueueMessage[]): Promise<void> {
    const Entries = batch.map(({ group, dedupId, body }, index) => ({
      Id: String(index),
      MessageGroupId: idOf(group),
      MessageDeduplicationId: idOf(dedupId),
      MessageBody: body,
    }));
    const request = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries });
    const { Failed = [] } = await client.send(request).catch((cause: unknown) => {
      throw unavailable(cause);
    });
    if (Failed.length > 0) throw unavailable(new Error(`SQS did not take ${describeFailed(Failed)}`));
  }
  return {
    async send(messages) {
      // One after another, since messages of a group must keep their order.
      const given = messages.map((message) => ({ ...message, body: toQueueText(message.body) }));
      for (const batch of toBatches(given)) await sendBatch(batch);
    },
  };
}

/** Outside the Basic Multilingual Plane, and its two noncharacters. */
const REFUSED = /[\ud800-\udfff\ufffe\uffff]/g;

/**
 * JSON as any queue takes it. SQS refuses some characters, which would hold up everything behind the message that
 * has one, and emulators refuse more of them (emoji, for one); escaped, they arrive as what they are.
 */
export const toQueueText = (json: string): string =>
  json.replace(REFUSED, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
