import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Credentials } from '../aws/create-signer.ts';
import { callAction } from '../aws/json-action.ts';
import { openService } from '../aws/open-service.ts';
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

export interface QueueOptions {
  region: string;
  /** Of an emulator; the queue's own host where absent. */
  endpoint?: string | undefined;
  credentials: () => Promise<Credentials>;
}

const PROTOCOL = { target: 'AmazonSQS', version: '1.0' } as const;
const ATTEMPTS = 4;
const TIMEOUT_MS = 4_000;

const Sent = z.object({ Failed: z.array(z.object({ Code: z.string().optional() })).optional() });

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
export function openQueue(queueUrl: string, { region, credentials, endpoint }: QueueOptions): Queue {
  const service = openService({
    service: 'sqs',
    region,
    endpoint: endpoint ?? new URL(queueUrl).origin,
    credentials,
    attempts: ATTEMPTS,
    attemptTimeoutMs: TIMEOUT_MS,
  });

  async function sendBatch(batch: readonly QueueMessage[]): Promise<void> {
    const Entries = batch.map(({ group, dedupId, body }, index) => ({
      Id: String(index),
      MessageGroupId: idOf(group),
      MessageDeduplicationId: idOf(dedupId),
      MessageBody: body,
    }));
    const request = { QueueUrl: queueUrl, Entries };
    const sent = await callAction(service, PROTOCOL, 'SendMessageBatch', request).catch((cause: unknown) => {
      throw unavailable(cause);
    });
    const { Failed = [] } = Sent.parse(sent);
    if (Failed.length > 0) throw unavailable(Failed[0]);
  }
  return {
    async send(messages) {
      // One after another, since messages of a group must keep their order.
      const given = messages.map((message) => ({ ...message, body: toQueueText(message.body) }));
      for (const batch of toBatches(given)) await sendBatch(batch);
    },
  };
}

/**
 * JSON as it was written by ourselves; its failure can be logged, since it quotes nothing of the text, where messages
 * may stand.
 * @throws SyntaxError
 */
export function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SyntaxError(`These ${text.length} characters are not JSON.`);
  }
}

/** Outside the Basic Multilingual Plane, and its two noncharacters. */
const REFUSED = /[\ud800-\udfff\ufffe\uffff]/g;

/**
 * JSON as any queue takes it. SQS refuses some characters, which would hold up everything behind the message that
 * has one, and emulators refuse more of them (emoji, for one); escaped, they arrive as what they are.
 */
export const toQueueText = (json: string): string =>
  json.replace(REFUSED, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
