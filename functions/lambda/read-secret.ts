import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { type AwsPlace, clientSettings } from '../../shared/aws/client-settings.ts';
import { parseText } from '../../shared/text/text.ts';

const ATTEMPTS = 3;
const TIMEOUT_MS = 2_000;

/** One per process: it keeps its connections. */
export const createSecretsClient = (place: AwsPlace): SecretsManagerClient =>
  new SecretsManagerClient(clientSettings(place, { attempts: ATTEMPTS, timeoutMs: TIMEOUT_MS }));

/**
 * The form that `functions/rotation/rotate-token.ts` writes; `previous` and `next` are empty before the first
 * rotation.
 */
const Values = z.object({
  current: z.string().min(1),
  next: z.string().default(''),
  previous: z.string().default(''),
});

/**
 * Reads a secret: every value to accept, the one to use first.
 * @throws the SDK's error; ZodError or SyntaxError where the secret has another form
 */
export function openSecrets(place: AwsPlace): (secretId: string) => Promise<readonly string[]> {
  const client = createSecretsClient(place);
  return async (SecretId) => {
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }));
    const { current, next, previous } = Values.parse(parseText(SecretString));
    return [current, next, previous].filter((value) => value !== '');
  };
}
