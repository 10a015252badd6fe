import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { LocalObjectStore } from './start-object-store.ts';

export interface LocalQueues {
  endpoint: string;
  deliveriesUrl: string;
  deliveriesDeadLettersUrl: string;
  outboxUrl: string;
  client: SQSClient;
}

/** As `infra/` sets them up, but handed over again sooner: nobody waits six minutes at a laptop. */
const VISIBILITY_S = 60;
const MAX_RECEIVES = 5;

async function createFifo(client: SQSClient, name: string, attributes: Record<string, string> = {}) {
  const { QueueUrl = '' } = await client.send(
    new CreateQueueCommand({
      QueueName: `${name}.fifo`,
      Attributes: { FifoQueue: 'true', VisibilityTimeout: String(VISIBILITY_S), ...attributes },
    }),
  );
  return QueueUrl;
}

/** A queue whose messages end in a second one after so many tries. */
async function createWorkQueue(
  client: SQSClient,
  name: string,
): Promise<{ url: string; deadLettersUrl: string }> {
  const deadLettersUrl = await createFifo(client, `${name}-dead-letters`);
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: deadLettersUrl, AttributeNames: ['QueueArn'] }),
  );
  const policy = { deadLetterTargetArn: Attributes?.['QueueArn'], maxReceiveCount: MAX_RECEIVES };
  return { url: await createFifo(client, name, { RedrivePolicy: JSON.stringify(policy) }), deadLettersUrl };
}

/** The control plane's queues, in memory: what is due is kept in the table, and queued again after a restart. */
export async function startQueues(store: LocalObjectStore): Promise<LocalQueues & { close(): void }> {
  const { endpoint, region, accessKeyId, secretAccessKey } = store;
  const client = new SQSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  const [deliveries, outbox] = await Promise.all([
    createWorkQueue(client, 'deliveries'),
    createWorkQueue(client, 'outbox'),
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
