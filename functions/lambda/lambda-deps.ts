import { createAccessTokens } from '../../shared/accounts/access-tokens.ts';
import { credentialsOfEnvironment } from '../../shared/aws/env.ts';
import { createLogger } from '../../shared/program/create-logger.ts';
import { createDeps } from '../create-deps.ts';
import type { Deps } from '../deps.ts';
import { createWorkerGateway } from '../workers/calls/worker-gateway.ts';
import { createRelayFetch } from '../workers/relay/relay-fetch.ts';
import { type LambdaEnv, readLambdaEnv } from './env.ts';
import { createRelayInvoke } from './invoke-relay.ts';
import { createSecretReader } from './read-secret.ts';
import { createTokenSource, type TokenSource } from './token-source.ts';

/** A function without access to a secret accepts nothing that it protects. */
const NONE: TokenSource = async () => [];

/**
 * Everything that handlers work with on Lambda: secrets come from Secrets Manager and are read again
 * periodically; workers with private addresses are called through the relay. Neither handlers nor the local
 * runtime know of these.
 */
export function createLambdaDeps(env: LambdaEnv): Deps {
  const log = createLogger({ level: env.LOG_LEVEL, base: null });
  const now = Date.now;
  const place = {
    region: env.AWS_REGION,
    endpoint: env.AWS_ENDPOINT_URL,
    credentials: credentialsOfEnvironment,
  };
  const readSecret = createSecretReader(place);
  const sourceOf = (arn: string | undefined): TokenSource =>
    arn === undefined ? NONE : createTokenSource({ read: () => readSecret(arn), now, log });
  const jwtSecrets = sourceOf(env.JWT_SECRET_ARN);
  const workerTokens = sourceOf(env.WORKER_TOKENS_SECRET_ARN);
  // Starts reading while the function starts, so that its first caller need not wait; a failure is retried on
  // use.
  for (const read of [jwtSecrets, workerTokens]) void read().catch(() => undefined);
  const relay = env.RELAY_FUNCTION_NAME;
  const viaRelay =
    relay === undefined ? {} : { fetch: createRelayFetch({ invoke: createRelayInvoke(relay, place) }) };
  return createDeps(
    { ...env, JWT_SECRETS: [], WORKER_AUTH_TOKENS: [] },
    {
      log,
      now,
      accessTokens: createAccessTokens({ secrets: jwtSecrets, now }),
      workerTokens,
      workers: createWorkerGateway({ workerTokens, ...viaRelay }),
    },
  );
}

export const lambdaDeps = (): Deps => createLambdaDeps(readLambdaEnv());
