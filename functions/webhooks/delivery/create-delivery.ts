import type { AccountStore } from '../../../shared/accounts/store.ts';
import { createGuardedFetch } from '../../../shared/outbound/guarded-request.ts';
import { outboundPolicy } from '../../../shared/outbound/outbound-policy.ts';
import type { Table } from '../../../shared/table/table.ts';
import { createDeliveryStore } from '../../../shared/webhooks/delivery/delivery-store.ts';
import { createWebhookStore } from '../../../shared/webhooks/store.ts';
import type { FunctionsEnv } from '../../env.ts';
import type { DeliveryStores, DeliveryTools } from './delivery-deps.ts';
import { createEndpointBreaker } from './endpoint-breaker.ts';
import { createWebhookDirectory } from './webhook-directory.ts';

/** `now` is in milliseconds. */
export function createDeliveryStores(table: Table, now: () => number): DeliveryStores {
  return { webhooks: createWebhookStore(table, now), deliveries: createDeliveryStore(table, now) };
}

/** What delivering needs beyond the services of AWS. */
export function createDeliveryTools(
  env: FunctionsEnv,
  stores: DeliveryStores & { accounts: AccountStore },
  now: () => number,
): Omit<DeliveryTools, 'queues' | 'sendMail'> {
  const policy = outboundPolicy(env.ENVIRONMENT);
  return {
    outboundPolicy: policy,
    fetchOutside: createGuardedFetch({ policy }),
    directory: createWebhookDirectory(stores.webhooks, now),
    breaker: createEndpointBreaker(now),
    emailOf: async (userId) => (await stores.accounts.findByUserId(userId))?.email,
    random: Math.random,
  };
}
