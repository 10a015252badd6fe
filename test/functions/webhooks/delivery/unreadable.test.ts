import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { Deps } from '../../../../functions/deps.ts';
import { drainBatch } from '../../../../functions/messages/outbox/outbox-function.ts';
import { deliverBatch } from '../../../../functions/webhooks/delivery/deliver-batch.ts';

const PRIVATE = 'my PIN is 1234';
const received = { remove: async () => {}, postpone: async () => {} };
const queues = { consumed: () => ({ lane: 'quick', received }), random: Math.random, stores: {} };
const record = (body: string) => ({
  ...{ messageId: 'm1', body, receiptHandle: '', attributes: { MessageGroupId: 'g' } },
});

it.each([
  ['webhooks', deliverBatch],
  ['the outbox', drainBatch],
] as [string, (deps: Deps, event: SQSEvent) => Promise<SQSBatchResponse>][])(
  'what the queue of %s brings and nobody can read goes back, and no part of it is logged',
  async (_, handle) => {
    const lines: string[] = [];
    const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
    const event = { Records: [record(PRIVATE)] } as unknown as SQSEvent;
    expect(await handle({ log, ...queues } as unknown as Deps, event)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm1' }],
    });
    expect(lines.join()).toContain('are not JSON');
    expect(lines.join()).not.toContain(PRIVATE.slice(0, 5));
  },
);
