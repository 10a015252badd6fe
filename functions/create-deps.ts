import { createAccessTokens } from '../shared/accounts/access-tokens.ts';
import { createAccountChanges, factsOf } from '../shared/accounts/account-changes.ts';
import { createAuthThrottle } from '../shared/accounts/auth-throttle.ts';
import { createApiKeyStore } from '../shared/accounts/keys/store.ts';
import { createPasswordHasher } from '../shared/accounts/password.ts';
import { createPasswordResetStore } from '../shared/accounts/password-reset-store.ts';
import { createRefreshTokenStore } from '../shared/accounts/refresh-token-store.ts';
import { createAccountStore } from '../shared/accounts/store.ts';
import { createMonitorStore } from '../shared/administration/monitor-store.ts';
import { credentialsOfEnvironment, localCredentials } from '../shared/aws/env.ts';
import { createIdempotencyStore } from '../shared/idempotency/store.ts';
import { createAccountGuard } from '../shared/limits/account-guard.ts';
import { createBucketStore } from '../shared/limits/bucket-store.ts';
import { createMediaStore } from '../shared/messages/media/store.ts';
import { createMessageStore } from '../shared/messages/store.ts';
import { createLogger } from '../shared/program/create-logger.ts';
import { createConnectionStore } from '../shared/realtime/store.ts';
import { createSessionStore } from '../shared/sessions/store.ts';
import type { Table } from '../shared/table/table.ts';
import { createUsageStore } from '../shared/usage/store.ts';
import { createWorkerStore } from '../shared/workers/store.ts';
import { type OpenService, openServices } from './aws/services.ts';
import type { Deps, Stores } from './deps.ts';
import type { FunctionsEnv } from './env.ts';
import { findApiKey } from './http/caller.ts';
import { createOutboxStores } from './messages/outbox/create-outbox.ts';
import { createPush } from './realtime/push.ts';
import { createDeliveryStores, createDeliveryTools } from './webhooks/delivery/create-delivery.ts';
import { createWorkerGateway } from './workers/calls/worker-gateway.ts';
import { createRecentPlacements } from './workers/recent-placements.ts';

export function createStores(table: Table, now: () => number): Stores {
  const accounts = createAccountStore(table, now);
  const guard = createAccountGuard(table, now, async (userId, accountKey) => {
    const account = await accounts.findByUserId(userId, accountKey);
    return account === undefined ? undefined : factsOf(account);
  });
  return {
    accounts,
    accountChanges: createAccountChanges(table, now, guard.publish),
    apiKeys: createApiKeyStore(table, now),
    guard,
    throttle: createAuthThrottle(table, createBucketStore(table, now), now),
    passwordResets: createPasswordResetStore(table, now),
    idempotency: createIdempotencyStore(table, now),
    usage: createUsageStore(table, now),
    monitor: createMonitorStore(table, now),
    refreshTokens: createRefreshTokenStore(table, now),
    sessions: createSessionStore(table, now),
    messages: createMessageStore(table, now),
    media: createMediaStore(table, now),
    workers: createWorkerStore(table, now),
    connections: createConnectionStore(table),
    ...createDeliveryStores(table, now),
    ...createOutboxStores(table, now),
  };
}

/**
 * Makes everything that handlers work with, once per process.
 * @param openers of the AWS services that this process may use
 * @param replaced overrides single parts
 */
export function createDeps(
  env: FunctionsEnv,
  openers: readonly OpenService[],
  replaced: Partial<Deps> = {},
): Deps {
  const now = replaced.now ?? Date.now;
  const log = replaced.log ?? createLogger({ level: env.LOG_LEVEL, base: null });
  const workerTokens = replaced.workerTokens ?? (() => env.WORKER_AUTH_TOKENS);
  // A table on this machine needs no credentials.
  const credentials = env.DYNAMODB_ENDPOINT === undefined ? credentialsOfEnvironment : localCredentials;
  const { table, poster: post, ...services } = openServices(openers, { env, credentials, now, log });
  const stores = replaced.stores ?? createStores(table, now);
  return {
    config: {
      version: env.VERSION,
      environment: env.ENVIRONMENT,
      network: env.NETWORK,
      websocketUrl: env.WEBSOCKET_URL,
      bucket: env.S3_BUCKET,
    },
    stores,
    passwords: createPasswordHasher(),
    accessTokens: createAccessTokens({ secrets: () => env.JWT_SECRETS, now }),
    findApiKey: (key) => findApiKey(stores.apiKeys, key),
    workers: createWorkerGateway({ workerTokens }),
    placements: createRecentPlacements(now),
    ...services,
    push: createPush({ connections: stores.connections, post, now, log }),
    ...createDeliveryTools(env, stores, now),
    ...replaced,
    workerTokens,
    now,
    log,
  };
}
