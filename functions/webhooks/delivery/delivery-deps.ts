import type { Logger } from 'pino';
import type { PasswordResetStore } from '../../../shared/accounts/password-reset-store.ts';
import type { AccountStore } from '../../../shared/accounts/store.ts';
import type { ObjectBucket } from '../../../shared/objects/object-reader.ts';
import type { GuardedFetch } from '../../../shared/outbound/guarded-request.ts';
import type { OutboundPolicy } from '../../../shared/outbound/outbound-policy.ts';
import type { Queue } from '../../../shared/queue/queue.ts';
import type { DeliveryStore } from '../../../shared/webhooks/delivery/delivery-store.ts';
import type { WebhookStore } from '../../../shared/webhooks/store.ts';
import type { SendMail } from '../../accounts/mail/mail.ts';
import type { EndpointBreaker } from './endpoint-breaker.ts';

import type { WebhookDirectory } from './webhook-directory.ts';

export interface DeliveryStores {
  webhooks: WebhookStore;
  deliveries: DeliveryStore;
}

/** What delivering to tenants needs beside stores; a part of `Deps`. */
export interface DeliveryTools {
  queues: { deliveries: Queue; deadLetters: Queue; outbox: Queue };
  /** Addresses that tenants' URLs may name. */
  outboundPolicy: OutboundPolicy;
  fetchOutside: GuardedFetch;
  directory: WebhookDirectory;
  breaker: EndpointBreaker;
  /** Finds the owner's e-mail address; `undefined` for an account that is gone. */
  emailOf: (userId: string) => Promise<string | undefined>;
  sendMail: SendMail;
  /** From 0 to 1. */
  random: () => number;
}

export interface DeliveryDeps extends DeliveryTools {
  stores: DeliveryStores & { accounts: AccountStore; passwordResets: PasswordResetStore };
  config: { environment: string };
  /** Signs the URLs of received files. */
  objects: ObjectBucket;
  /** Milliseconds since the epoch. */
  now: () => number;
  log: Logger;
}
