import { callAction } from './json-action.ts';
import { openService, type ServiceOptions } from './open-service.ts';

/** Where a service of AWS is, and in whose name it is called. */
export interface AwsPlace extends Pick<ServiceOptions, 'region' | 'credentials'> {
  /** Of an emulator; AWS's own where absent. */
  endpoint: string | undefined;
}

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
