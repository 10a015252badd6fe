import * as z from 'zod';
import { callAction } from '../../shared/aws/json-action.ts';
import { type AwsPlace, openService } from '../../shared/aws/open-service.ts';

/**
 * The form that `functions/rotation/rotate-token.ts` writes; `previous` and `next` are empty before the first
 * rotation.
 */
const Values = z.object({
  current: z.string().min(1),
  next: z.string().default(''),
  previous: z.string().default(''),
});
const Found = z.object({ SecretString: z.string() });

/**
 * Reads a secret: every value to accept, the one to use first.
 * @throws AwsFailure; ZodError or SyntaxError where the secret has another form
 */
export function createSecretReader(place: AwsPlace): (secretId: string) => Promise<readonly string[]> {
  const call = openSecretsManager(place);
  return async (SecretId) => {
    const { SecretString } = Found.parse(await call('GetSecretValue', { SecretId }));
    const { current, next, previous } = Values.parse(JSON.parse(SecretString));
    return [current, next, previous].filter((value) => value !== '');
  };
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
