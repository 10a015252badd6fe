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

/** Of `node bench/operations.ts`: sums over `messages` each way, and over `idleMs`. */
export const { figures: MEASURED } = Measured.parse(read('operations.json'));

/** Of `node bench/auth/sparse.ts`: objects that one message writes which shares its write with no other. */
export const {
  figures: {
    rows: [WRITES],
  },
} = MeasuredWrites.parse(read('auth-sparse.json'));

/** How often something of that name was called; 0 where it never was. */
export const times = (counts: Counts, what: string): number => counts[what] ?? 0;

/** Requests to the API, heartbeats left aside: those are the worker's. */
export const requestsOf = (counts: Counts): number =>
  Object.entries(counts)
    .filter(([what]) => /^HTTP \w+ \/api\//.test(what) && !what.endsWith('/heartbeat'))
    .reduce((sum, [, count]) => sum + count, 0);

/** What ten messages, or half a minute, cost: for one of them, see `OPERATIONS`. */
export function perMessage(counts: Counts) {
  const each = (sum: number) => sum / MEASURED.messages;
  const deliveries = times(counts, 'SQS SendMessageBatch');
  return {
    httpRequests: each(requestsOf(counts)),
    websocketMessages: each(times(counts, 'WebSocket post')),
    dynamoWrites: each(times(counts, 'DynamoDB UpdateItem') + times(counts, 'DynamoDB PutItem')),
    // A query reads an index, and so costs half. The supervisor's looks of those seconds are among them.
    dynamoReads: each(
      times(counts, 'DynamoDB GetItem') +
        times(counts, 'DynamoDB BatchGetItem') +
        times(counts, 'DynamoDB Query') / 2,
    ),
    // Sent, received, deleted; polling that finds nothing is counted at rest.
    sqsRequests: each(3 * deliveries),
  };
}
