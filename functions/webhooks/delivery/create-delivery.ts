import type { Logger } from 'pino';
import type { AccountStore } from '../../../shared/accounts/store.ts';
import type { Credentials } from '../../../shared/aws/create-signer.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { createGuardedFetch } from '../../../shared/outbound/guarded-request.ts';
import { outboundPolicy } from '../../../shared/outbound/outbound-policy.ts';
import { openQueue, type Queue } from '../../../shared/queue/queue.ts';
import type { Table } from '../../../shared/table/table.ts';
import { createDeliveryStore } from '../../../shared/webhooks/delivery/delivery-store.ts';
import { createWebhookStore } from '../../../shared/webhooks/store.ts';
import { createMailer } from '../../accounts/mail/create-mailer.ts';
import { logMail } from '../../accounts/mail/mail.ts';
import type { FunctionsEnv } from '../../env.ts';
import type { DeliveryStores, DeliveryTools } from './delivery-deps.ts';
import { createEndpointBreaker } from './endpoint-breaker.ts';
import { createWebhookDirectory } from './webhook-directory.ts';

/** `now` is in milliseconds. */
export function createDeliveryStores(table: Table, now: () => number): DeliveryStores {
  return { webhooks: createWebhookStore(table, now), deliveries: createDeliveryStore(table, now) };
}

/** A process without a queue accepts nothing, because it would be lost. */
const NO_QUEUE: Queue = {
  send: async () => {
    throw new AppError('STORAGE_UNAVAILABLE', 'No queue is set up here, so nothing can be sent later.');
  },
};

interface Surroundings {
  credentials: () => Promise<Credentials>;
  stores: DeliveryStores & { accounts: AccountStore };
  now: () => number;
  log: Logger;
}

/**
 * Secrets are shown on a developer's own machine only: there the table has an endpoint. The log of a
 * development stage in the cloud is read by others.
 */
const isOwnMachine = (env: FunctionsEnv) =>
  env.ENVIRONMENT === 'DEVELOPMENT' && env.DYNAMODB_ENDPOINT !== undefined;

export function createDeliveryTools(
  env: FunctionsEnv,
  { stores, credentials, now, log }: Surroundings,
): DeliveryTools {
  const { AWS_REGION: region, SQS_ENDPOINT, AWS_ENDPOINT_URL } = env;
  const aws = { region, endpoint: SQS_ENDPOINT ?? AWS_ENDPOINT_URL, credentials };
  const queue = (url: string | undefined) => (url === undefined ? NO_QUEUE : openQueue(url, aws));
  const policy = outboundPolicy(env.ENVIRONMENT);
  return {
    queues: {
      deliveries: queue(env.DELIVERY_QUEUE_URL),
      deadLetters: queue(env.DELIVERY_DEAD_LETTER_QUEUE_URL),
      outbox: queue(env.OUTBOX_QUEUE_URL),
    },
    outboundPolicy: policy,
    fetchOutside: createGuardedFetch({ policy }),
    directory: createWebhookDirectory(stores.webhooks, now),
    breaker: createEndpointBreaker(now),
    emailOf: async (userId) => (await stores.accounts.findByUserId(userId))?.email,
    sendMail:
      env.MAIL_SENDER === undefined
        ? logMail(log, { showsSecrets: isOwnMachine(env) })
        : createMailer({
            sender: env.MAIL_SENDER,
            endpoint: env.SES_ENDPOINT,
            region: env.AWS_REGION,
            credentials,
          }),
    random: Math.random,
  };
}
