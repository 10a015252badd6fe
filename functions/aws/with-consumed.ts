import { createQueueClient } from '../../shared/queue/queue.ts';
import { openReceivedMessages, type ReceivedMessages } from '../../shared/queue/received-messages.ts';
import type { Lane } from '../../shared/webhooks/delivery/lane.ts';
import type { ConsumedQueue, OpenService } from './services.ts';

/** Without a queue, nothing is ever received. */
const NOTHING_RECEIVED: ReceivedMessages = { remove: async () => {}, postpone: async () => {} };

/** The last part of a queue's URL, and of its ARN. */
const nameOf = (place: string) => place.split(/[/:]/).at(-1);

/** For functions behind queues. */
export const withConsumed: OpenService = ({ env, credentials }) => {
  const { AWS_REGION: region, SQS_ENDPOINT, AWS_ENDPOINT_URL } = env;
  const client = createQueueClient({ region, endpoint: SQS_ENDPOINT ?? AWS_ENDPOINT_URL, credentials });
  const { DELIVERY_QUEUE_URL: quick, SLOW_DELIVERY_QUEUE_URL: slow, OUTBOX_QUEUE_URL: outbox } = env;
  const open = (lane: Lane, url: string | undefined): ConsumedQueue => ({
    lane,
    received: url === undefined ? NOTHING_RECEIVED : openReceivedMessages(client, url),
  });
  const first = open('quick', quick);
  const byName = new Map([
    [nameOf(quick ?? ''), first],
    [nameOf(slow ?? ''), open('slow', slow)],
    [nameOf(outbox ?? ''), open('quick', outbox)],
  ]);
  return { consumed: (arn) => byName.get(nameOf(arn ?? '')) ?? first };
};
