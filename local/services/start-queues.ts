import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { LocalObjectStore } from './start-object-store.ts';

export interface LocalQueues {
  endpoint: string;
  deliveriesUrl: string;
  deliveriesDeadLettersUrl: string;
  outboxUrl: string;
  client: SQSClient;
}

/**
 * As `infra/` configures them, but with a shorter visibility time-out: nobody waits six minutes at a laptop.
 */
const VISIBILITY_S = 60;
const MAX_RECEIVES = 5;

interface Place {
  client: SQSClient;
  endpoint: string;
}

async function createFifo({ client, endpoint }: Place, name: string): Promise<string> {
  const { QueueUrl = '' } = await client.send(
    new CreateQueueCommand({ QueueName: `${name}.fifo`, Attributes: { FifoQueue: 'true' } }),
  );
  // A kept queue is known by its former address; only its path counts.
  return new URL(new URL(QueueUrl).pathname, endpoint).href;
}

async function setAttributes({ client }: Place, url: string, attributes: Record<string, string>) {
  // Set after creation, because creation refuses a queue that an earlier version made with other attributes.
  const Attributes = { VisibilityTimeout: String(VISIBILITY_S), ...attributes };
  await client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes }));
}

/** Creates a queue whose messages end in a second one after this many attempts. */
async function createWorkQueue(place: Place, name: string): Promise<{ url: string; deadLettersUrl: string }> {
  const [url, deadLettersUrl] = await Promise.all([
    createFifo(place, name),
    createFifo(place, `${name}-dead-letters`),
  ]);
  const { Attributes } = await place.client.send(
    new GetQueueAttributesCommand({ QueueUrl: deadLettersUrl, AttributeNames: ['QueueArn'] }),
  );
  const policy = { deadLetterTargetArn: Attributes?.['QueueArn'], maxReceiveCount: MAX_RECEIVES };
  await setAttributes(place, url, { RedrivePolicy: JSON.stringify(policy) });
  return { url, deadLettersUrl };
}

/**
 * The control plane's queues, kept with the objects: their content outlives the process where theirs does.
 */
export async function startQueues(store: LocalObjectStore): Promise<LocalQueues & { close(): void }> {
  const { endpoint, region, accessKeyId, secretAccessKey } = store;
  const client = new SQSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  const [deliveries, outbox] = await Promise.all([
    createWorkQueue({ client, endpoint }, 'deliveries'),
    createWorkQueue({ client, endpoint }, 'outbox'),
  ]);
  return {
    endpoint,
    client,
    deliveriesUrl: deliveries.url,
    deliveriesDeadLettersUrl: deliveries.deadLettersUrl,
    outboxUrl: outbox.url,
    close: () => client.destroy(),
  };
}
