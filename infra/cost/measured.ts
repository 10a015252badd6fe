import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { REPOSITORY_ROOT } from '../constructs/bundle.ts';

const Counts = z.record(z.string(), z.number());
export type Counts = z.output<typeof Counts>;

const Measured = z.object({
  figures: z.object({
    messages: z.number(),
    idleMs: z.number(),
    idle: Counts,
    sent: Counts,
    received: Counts,
  }),
});
const MeasuredWrites = z.object({
  figures: z.object({
    rows: z.tuple([z.object({ perSend: z.number(), perReceive: z.number() })]).rest(z.unknown()),
  }),
});

const read = (name: string): unknown =>
  JSON.parse(readFileSync(join(REPOSITORY_ROOT, 'bench', 'results', name), 'utf8'));

/** Figures of `node bench/operations.ts`: sums over `messages` each way, and over `idleMs`. */
export const { figures: MEASURED } = Measured.parse(read('operations.json'));

/**
 * Figures of `node bench/auth/sparse.ts`: objects written for a message that shares its write with no other.
 */
export const {
  figures: {
    rows: [WRITES],
  },
} = MeasuredWrites.parse(read('auth-sparse.json'));

/** How often an operation was called; 0 where it never was. */
export const times = (counts: Counts, what: string): number => counts[what] ?? 0;

/** Requests to the API without heartbeats, which are counted with the worker. */
export const requestsOf = (counts: Counts): number =>
  Object.entries(counts)
    .filter(([what]) => /^HTTP \w+ \/api\//.test(what) && !what.endsWith('/heartbeat'))
    .reduce((sum, [, count]) => sum + count, 0);

/** The cost of ten messages, or of half a minute; `OPERATIONS` has that of one message. */
export function perMessage(counts: Counts) {
  const each = (sum: number) => sum / MEASURED.messages;
  const deliveries = times(counts, 'SQS SendMessageBatch');
  return {
    httpRequests: each(requestsOf(counts)),
    websocketMessages: each(times(counts, 'WebSocket post')),
    dynamoWrites: each(times(counts, 'DynamoDB UpdateItem') + times(counts, 'DynamoDB PutItem')),
    // A query reads an index and costs half. The supervisor's queries of those seconds are included.
    dynamoReads: each(
      times(counts, 'DynamoDB GetItem') +
        times(counts, 'DynamoDB BatchGetItem') +
        times(counts, 'DynamoDB Query') / 2,
    ),
    // Messages sent, received and deleted; empty polls are counted at rest.
    sqsRequests: each(3 * deliveries),
  };
}
