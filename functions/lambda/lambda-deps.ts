import { createAccessTokens } from '../../shared/accounts/access-tokens.ts';
import type { AwsPlace } from '../../shared/aws/client-settings.ts';
import { credentialsOfEnvironment } from '../../shared/aws/env.ts';
import { createLogger } from '../../shared/program/create-logger.ts';
import type { OpenService } from '../aws/services.ts';
import { createDeps } from '../create-deps.ts';
import type { Deps } from '../deps.ts';
import { createWorkerGateway } from '../workers/calls/worker-gateway.ts';
import { createRelayFetch, type RelayFetchOptions } from '../workers/relay/relay-fetch.ts';
import { type LambdaEnv, readLambdaEnv } from './env.ts';
import { createTokenSource, type TokenSource } from './token-source.ts';

/** A function without access to a secret accepts nothing that it protects. */
const NONE: TokenSource = async () => [];

/** What one function may use: its entry names it, so that its bundle holds no other client of AWS. */
export interface LambdaServices {
  services: readonly OpenService[];
  openSecrets?: (place: AwsPlace) => (secretId: string) => Promise<readonly string[]>;
  openRelay?: (functionName: string, place: AwsPlace) => RelayFetchOptions['invoke'];
}

/**
 * Everything that handlers work with on Lambda: secrets come from Secrets Manager and are read again
 * periodically; workers with private addresses are called through the relay. Neither handlers nor the local
 * runtime know of these.
 */
export function createLambdaDeps(env: LambdaEnv, { services, openSecrets, openRelay }: LambdaServices): Deps {
  const log = createLogger({ level: env.LOG_LEVEL, base: null });
  const now = Date.now;
  const place = {
    region: env.AWS_REGION,
    endpoint: env.AWS_ENDPOINT_URL,
    credentials: credentialsOfEnvironment,
  };
  const readSecret = openSecrets?.(place);
  const sourceOf = (arn: string | undefined): TokenSource => {
    if (arn === undefined) return NONE;
    if (readSecret === undefined) throw new Error('told of a secret, without a right to read any');
    return createTokenSource({ read: () => readSecret(arn), now, log });
  };
  const jwtSecrets = sourceOf(env.JWT_SECRET_ARN);
  const workerTokens = sourceOf(env.WORKER_TOKENS_SECRET_ARN);
  // Starts reading while the function starts, so that its first caller need not wait; a failure is retried on
  // use.
  for (const read of [jwtSecrets, workerTokens]) void read().catch(() => undefined);
  const relay = env.RELAY_FUNCTION_NAME;
  const viaRelay =
    relay === undefined || openRelay === undefined
      ? {}
      : { fetch: createRelayFetch({ invoke: openRelay(relay, place) }) };
  return createDeps({ ...env, JWT_SECRETS: [], WORKER_AUTH_TOKENS: [] }, services, {
    log,
    now,
    accessTokens: createAccessTokens({ secrets: jwtSecrets, now }),
    workerTokens,
    workers: createWorkerGateway({ workerTokens, ...viaRelay }),
  });
}

export const lambdaDeps = (services: LambdaServices): Deps => createLambdaDeps(readLambdaEnv(), services);
