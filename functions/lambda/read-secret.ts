import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import type { AwsPlace } from '../../shared/aws/client-settings.ts';
import { parseText } from '../../shared/text/parse-text.ts';
import { createSecretsClient } from './secrets-client.ts';

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
export function createSecretReader(client: SecretsManagerClient) {
  return async (SecretId: string): Promise<readonly string[]> => {
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }));
    const { current, next, previous } = Values.parse(parseText(SecretString));
    return [current, next, previous].filter((value) => value !== '');
  };
}

export const openSecrets = (place: AwsPlace) => createSecretReader(createSecretsClient(place));
