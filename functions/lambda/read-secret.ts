import * as z from 'zod';
import type { AwsPlace } from '../../shared/aws/open-service.ts';
import { openSecretsManager } from '../../shared/aws/secrets-manager.ts';

/** As `infra/rotation/rotate-token.ts` keeps them; the others are empty until rotated. */
const Values = z.object({
  current: z.string().min(1),
  next: z.string().default(''),
  previous: z.string().default(''),
});
const Found = z.object({ SecretString: z.string() });

/**
 * Reads secrets: all values to accept, the one to use first.
 * @throws AwsFailure; ZodError or SyntaxError where the secret is none of ours
 */
export function createSecretReader(place: AwsPlace): (secretId: string) => Promise<readonly string[]> {
  const call = openSecretsManager(place);
  return async (SecretId) => {
    const { SecretString } = Found.parse(await call('GetSecretValue', { SecretId }));
    const { current, next, previous } = Values.parse(JSON.parse(SecretString));
    return [current, next, previous].filter((value) => value !== '');
  };
}
