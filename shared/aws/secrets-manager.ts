import { callAction } from './json-action.ts';
import { type AwsPlace, openService } from './open-service.ts';

const PROTOCOL = { target: 'secretsmanager', version: '1.1' } as const;
const ATTEMPTS = 3;
const TIMEOUT_MS = 2_000;

/** Secrets Manager's actions by name, with their parsed answers. @throws AwsFailure */
export function openSecretsManager({ region, credentials, endpoint }: AwsPlace) {
  const service = openService({
    service: 'secretsmanager',
    region,
    endpoint: endpoint ?? `https://secretsmanager.${region}.amazonaws.com`,
    credentials,
    attempts: ATTEMPTS,
    attemptTimeoutMs: TIMEOUT_MS,
  });
  return (action: string, input: object) => callAction(service, PROTOCOL, action, input);
}
