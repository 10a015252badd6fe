import type { AddressInfo } from 'node:net';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { buildApp } from 'fauxqs';
import type { Mail } from '../../../../functions/accounts/mail/mail.ts';
import type { Deps } from '../../../../functions/deps.ts';
import { deliverBatch } from '../../../../functions/webhooks/delivery/deliver-batch.ts';
import { createEndpointBreaker } from '../../../../functions/webhooks/delivery/endpoint-breaker.ts';
import { type SweepResult, sweepDeliveries } from '../../../../functions/webhooks/delivery/sweep.ts';
import { createGuardedFetch, type GuardedFetch } from '../../../../shared/outbound/guarded-request.ts';
import { outboundPolicy } from '../../../../shared/outbound/outbound-policy.ts';
import { openQueue, type Queue } from '../../../../shared/queue/queue.ts';
import { type ControlPlane, startControlPlane } from '../../../../testing/control-plane/control-plane.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../../../testing/harness/webhook-receiver.ts';
import { pumpOnce } from './pump-once.ts';

export interface LocalQueues {
  client: SQSClient;
  urls: Record<'deliveries' | 'deadLetters' | 'outbox', string>;
  open(queueUrl: string): Queue;
  /** Waiting and in flight. */
  sizeOf(queueUrl: string): Promise<number>;
  take(queueUrl: string): Promise<string[]>;
  close(): Promise<void>;
}

/** Longer than any consumer takes, on any machine: what one that died held comes back by `pumpOnce`, not by the clock. */
const VISIBILITY_S = '3600';

export async function startQueues(): Promise<LocalQueues> {
  const app = buildApp({ logger: false });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SQSClient({ region: 'us-east-1', endpoint, credentials });
  const create = async (name: string) => {
    const Attributes = { FifoQueue: 'true', VisibilityTimeout: VISIBILITY_S };
    const { QueueUrl = '' } = await client.send(
      new CreateQueueCommand({ QueueName: `${name}.fifo`, Attributes }),
    );
    return QueueUrl;
  };
  const urls = {
    deliveries: await create('deliveries'),
    deadLetters: await create('dead-letters'),
    outbox: await create('outbox'),
  };
  return {
    client,
    urls,
    open: (url) => openQueue(client, url),
    async sizeOf(QueueUrl) {
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
      );
      const { ApproximateNumberOfMessages = '0', ApproximateNumberOfMessagesNotVisible = '0' } = Attributes;
      return Number(ApproximateNumberOfMessages) + Number(ApproximateNumberOfMessagesNotVisible);
    },
    async take(QueueUrl) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
      );
      return Messages.map(({ Body = '' }) => Body);
    },
    async close() {
      client.destroy();
      await app.close();
    },
  };
}

export interface DeliveryFixture {
  plane: ControlPlane;
  deps: Deps;
  queues: LocalQueues;
  clock: { now: number };
  mails: Mail[];
  receiver: WebhookReceiver;
  /** Hands everything that waits to the consumer, until nothing is left, also of what a dead one held. */
  drain(handle?: (event: SQSEvent) => Promise<SQSBatchResponse>): Promise<void>;
  /** The same, but the first to consume anything is a process that dies of these dependencies. */
  drainAfter(dying: Deps): Promise<void>;
  sweep(): Promise<SweepResult>;
  /** Lets the clock run, then sweeps and drains. */
  later(ms: number): Promise<void>;
  close(): Promise<void>;
}

const CONSUMERS = 3;

/** The control plane with its queues and a tenant's endpoint; the clock of the schedule is the test's. */
export async function startDelivery(
  options: { wrapFetch?: (inner: GuardedFetch) => GuardedFetch } = {},
): Promise<DeliveryFixture> {
  const queues = await startQueues();
  const guarded = createGuardedFetch({ policy: outboundPolicy('DEVELOPMENT') });
  const { wrapFetch = (inner) => inner } = options;
  const receiver = await startWebhookReceiver();
  /** A receiver that hangs says so: nobody need wait for the clock. */
  const post: GuardedFetch = (request) =>
    Promise.race([
      guarded(request),
      receiver
        .hung(request.headers['webhook-id'] ?? '')
        .then(() => ({ outcome: 'timeout' as const, reason: 'No answer within 10 s.' })),
    ]);
  const mails: Mail[] = [];
  const plane = await startControlPlane({
    queues: {
      deliveries: queues.open(queues.urls.deliveries),
      deadLetters: queues.open(queues.urls.deadLetters),
      outbox: queues.open(queues.urls.outbox),
    },
    fetchOutside: wrapFetch(post),
    sendMail: async (mail) => {
      mails.push(mail);
    },
  });
  const { deps, clock } = plane;
  deps.breaker = createEndpointBreaker(() => clock.now);

  async function drain(handle = (event: SQSEvent) => deliverBatch(deps, event)): Promise<void> {
    const options = { client: queues.client, queueUrl: queues.urls.deliveries, handle };
    const consume = async () => {
      while ((await queues.sizeOf(queues.urls.deliveries)) > 0) await pumpOnce(options);
    };
    await Promise.all(Array.from({ length: CONSUMERS }, consume));
  }
  return {
    plane,
    deps,
    queues,
    clock,
    mails,
    receiver,
    drain,
    async drainAfter(dying) {
      let died = false;
      await drain(async (event) => {
        const first = !died;
        died = true;
        return await deliverBatch(first ? dying : deps, event);
      });
    },
    sweep: () => sweepDeliveries(deps),
    async later(ms) {
      clock.now += ms;
      await sweepDeliveries(deps);
      await drain();
    },
    async close() {
      await receiver.close();
      await plane.close();
      await queues.close();
    },
  };
}
