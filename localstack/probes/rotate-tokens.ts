import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { callJson } from '../emulator-client.ts';
import type { Emulator } from '../env.ts';
import { findFunction, invokeFunction, policyOf } from '../invoke-function.ts';

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
const Secrets = z.object({ SecretList: z.array(z.object({ ARN: z.string(), Name: z.string() })).min(1) });

/**
 * One rotation of each of the stage's secrets, as Secrets Manager carries it out: the deployed function, once per
 * step, with one token for all. @throws where a step fails, or Secrets Manager might not call the function
 */
export async function rotateSecrets(emulator: Emulator): Promise<void> {
  const name = await findFunction(emulator, '-upkeep-Rotation');
  const policy = await policyOf(emulator, name);
  const { SecretList } = Secrets.parse(
    await callJson(emulator, 'secretsmanager', 'secretsmanager.ListSecrets', {}),
  );
  for (const { ARN, Name } of SecretList) {
    if (!policy.includes('secretsmanager.amazonaws.com') || !policy.includes(Name))
      throw new Error(`Secrets Manager may not call ${name} for ${Name}: ${policy}`);
    const ClientRequestToken = randomUUID();
    for (const Step of STEPS)
      await invokeFunction(emulator, name, { SecretId: ARN, ClientRequestToken, Step });
  }
}
