import { AppError } from '../../shared/errors/app-error.ts';
import { createQueueClient, openQueue, type Queue } from '../../shared/queue/queue.ts';
import type { OpenService } from './services.ts';

/** A process without a queue accepts nothing, because it would be lost. */
const NO_QUEUE: Queue = {
  send: async () => {
    throw new AppError('STORAGE_UNAVAILABLE', 'No queue is set up here, so nothing can be sent later.');
  },
};

export const withQueues: OpenService = ({ env, credentials }) => {
  const { AWS_REGION: region, SQS_ENDPOINT, AWS_ENDPOINT_URL } = env;
  const client = createQueueClient({ region, endpoint: SQS_ENDPOINT ?? AWS_ENDPOINT_URL, credentials });
  const queue = (url: string | undefined) => (url === undefined ? NO_QUEUE : openQueue(client, url));
  return {
    queues: {
      deliveries: queue(env.DELIVERY_QUEUE_URL),
      deadLetters: queue(env.DELIVERY_DEAD_LETTER_QUEUE_URL),
      outbox: queue(env.OUTBOX_QUEUE_URL),
    },
  };
};
