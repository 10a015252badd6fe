import { randomUUID } from 'node:crypto';
import { createClient } from '../../shared/contract/client.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import type { Emulator } from '../env.ts';
import { readDeployed } from '../read-deployed.ts';
import { rotateSecrets } from './rotate-tokens.ts';

const TIMEOUT_MS = 30_000;

/** What a worker that nobody knows is told: 404 with a token that counts, 401 with any other. */
async function statusFor(apiUrl: string, token: string): Promise<number> {
  const response = await fetch(`${apiUrl}/api/v1/workers/nobody-${randomUUID()}/sessions/assigned`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.body?.cancel();
  return response.status;
}

/**
 * The rotation after the one that everybody has read: what is used from now on was announced, what was used before
 * goes on, and logins stay. @returns what was shown @throws where it is not so
 */
export async function probeRotation(emulator: Emulator): Promise<string> {
  const before = await readDeployed(emulator);
  const anonymous = createClient(controlRoutes, { baseUrl: before.apiUrl });
  const { data } = await anonymous.register({
    body: { email: `rotation-${randomUUID()}@example.com`, password: 'correct horse battery', name: 'Ro' },
  });
  await rotateSecrets(emulator);
  const { workerTokens } = await readDeployed(emulator);
  if (workerTokens.current !== before.workerTokens.next)
    throw new Error('What is current now is not what was announced as the next.');
  const statuses = {
    old: await statusFor(before.apiUrl, before.workerTokens.current),
    current: await statusFor(before.apiUrl, workerTokens.current),
    madeUp: await statusFor(before.apiUrl, randomUUID().repeat(2)),
  };
  if (statuses.old !== 404 || statuses.current !== 404 || statuses.madeUp !== 401)
    throw new Error(`Worker tokens count wrongly after a rotation: ${JSON.stringify(statuses)}`);
  const user = createClient(controlRoutes, { baseUrl: before.apiUrl, token: () => data.accessToken });
  await user.getProfile({});
  return 'rotation: the deployed function made new tokens, twice; old and new worker tokens count, no other; logins stay';
}
