import type { Logger } from 'pino';
import type { AccessTokens } from '../shared/accounts/access-tokens.ts';
import type { AccountChanges } from '../shared/accounts/account-changes.ts';
import type { AuthThrottle } from '../shared/accounts/auth-throttle.ts';
import type { ApiKeyStore } from '../shared/accounts/keys/store.ts';
import type { PasswordHasher } from '../shared/accounts/password.ts';
import type { PasswordResetStore } from '../shared/accounts/password-reset-store.ts';
import type { RefreshTokenStore } from '../shared/accounts/refresh-token-store.ts';
import type { AccountStore } from '../shared/accounts/store.ts';
import type { MonitorStore } from '../shared/administration/monitor-store.ts';
import type { IdempotencyStore } from '../shared/idempotency/store.ts';
import type { AccountGuard } from '../shared/limits/account-guard.ts';
import type { MediaStore } from '../shared/messages/media/store.ts';
import type { MessageStore } from '../shared/messages/store.ts';
import type { ObjectBucket } from '../shared/objects/object-reader.ts';
import type { ConnectionStore } from '../shared/realtime/store.ts';
import type { SessionStore } from '../shared/sessions/store.ts';
import type { UsageStore } from '../shared/usage/store.ts';
import type { WorkerStore } from '../shared/workers/store.ts';
import type { ApiKeyCaller } from './http/caller.ts';
import type { OutboxStores } from './messages/outbox/create-outbox.ts';
import type { Push } from './realtime/push.ts';
import type { DeliveryStores, DeliveryTools } from './webhooks/delivery/delivery-deps.ts';
import type { WorkerGateway } from './workers/calls/worker-gateway.ts';
import type { RecentPlacements } from './workers/recent-placements.ts';

export interface Config {
  version: string;
  environment: string;
  network: 'live' | 'sandbox';
  websocketUrl: string;
  /** Name of the bucket that `objects` reads, and over which workers may extend their leases. */
  bucket: string | undefined;
}

export interface Stores extends DeliveryStores, OutboxStores {
  accounts: AccountStore;
  accountChanges: AccountChanges;
  apiKeys: ApiKeyStore;
  guard: AccountGuard;
  throttle: AuthThrottle;
  passwordResets: PasswordResetStore;
  idempotency: IdempotencyStore;
  usage: UsageStore;
  monitor: MonitorStore;
  refreshTokens: RefreshTokenStore;
  sessions: SessionStore;
  messages: MessageStore;
  media: MediaStore;
  workers: WorkerStore;
  connections: ConnectionStore;
}

/** Everything a handler works with. */
export interface Deps extends DeliveryTools {
  config: Config;
  stores: Stores;
  passwords: PasswordHasher;
  accessTokens: AccessTokens;
  /** The tokens that workers may show, the current one first; two are valid during rotation. */
  workerTokens: () => readonly string[] | Promise<readonly string[]>;
  /** Finds the owner of a key; `undefined` for a key that does not exist. */
  findApiKey: (key: string) => Promise<ApiKeyCaller | undefined>;
  /** The worker API as the control plane calls it. */
  workers: WorkerGateway;
  placements: RecentPlacements;
  push: Push;
  /** Message history and media; without a bucket, every call fails with STORAGE_UNAVAILABLE. */
  objects: ObjectBucket;
  /** Milliseconds since the epoch. */
  now: () => number;
  log: Logger;
}
