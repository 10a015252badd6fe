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
  slowDeliveriesUrl: string;
  givenUpUrl: string;
  outboxUrl: string;
  client: SQSClient;
}

/** As `infra/` sets them up, but handed over again sooner: nobody waits six minutes at a laptop. */
const VISIBILITY_S = 90;
const MAX_RECEIVES = 12;

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

/** A queue whose messages end in a second one after so many tries. */
async function createWorkQueue(place: Place, name: string): Promise<string> {
  const [url, deadLettersUrl] = await Promise.all([
    createFifo(place, name),
    createFifo(place, `${name}-dead-letters`),
  ]);
  const { Attributes } = await place.client.send(
    new GetQueueAttributesCommand({ QueueUrl: deadLettersUrl, AttributeNames: ['QueueArn'] }),
  );
  const policy = { deadLetterTargetArn: Attributes?.['QueueArn'], maxReceiveCount: MAX_RECEIVES };
  await setAttributes(place, url, { RedrivePolicy: JSON.stringify(policy) });
  return url;
}

/**
 * The control plane's queues, kept with the objects: their content outlives the process where theirs does.
 */
export async function startQueues(store: LocalObjectStore): Promise<LocalQueues & { close(): void }> {
  const { endpoint, region, accessKeyId, secretAccessKey } = store;
  const client = new SQSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  const place = { client, endpoint };
  const [deliveriesUrl, slowDeliveriesUrl, outboxUrl, givenUpUrl] = await Promise.all([
    createWorkQueue(place, 'deliveries'),
    createWorkQueue(place, 'slow-deliveries'),
    createWorkQueue(place, 'outbox'),
    createFifo(place, 'given-up-deliveries'),
  ]);
  return {
    endpoint,
    client,
    deliveriesUrl,
    slowDeliveriesUrl,
    givenUpUrl,
    outboxUrl,
    close: () => client.destroy(),
  };
}
