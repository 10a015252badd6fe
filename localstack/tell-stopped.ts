import { randomUUID } from 'node:crypto';
import type { Emulator } from './env.ts';
import { listFunctions } from './list-resources.ts';

/** Says that the task of this id has stopped; resolves once its sessions were taken off it. */
export type TellStopped = (workerId: string) => Promise<void>;

/** A whole evacuation may be waited for. */
const TIMEOUT_MS = 90_000;

/** The event of the rule `TaskStopped`, which stands in the workers' stack: an emulator has no tasks. */
function taskStopped(workerId: string) {
  return {
    id: randomUUID(),
    'detail-type': 'ECS Task State Change',
    source: 'aws.ecs',
    detail: {
      taskArn: `arn:aws:ecs:us-east-1:000000000000:task/whatsapp-gateway-dev/${workerId}`,
      lastStatus: 'STOPPED',
    },
  };
}

/** @throws where no supervisor is deployed; the returned function where it fails */
export async function findSupervisor(emulator: Emulator): Promise<TellStopped> {
  const name = (await listFunctions(emulator)).find((each) => each.includes('-background-Supervisor'));
  if (name === undefined) throw new Error('No supervisor is deployed in the emulator.');
  return async (workerId) => {
    const response = await fetch(`${emulator.url}/2015-03-31/functions/${name}/invocations`, {
      method: 'POST',
      body: JSON.stringify(taskStopped(workerId)),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const failure = response.headers.get('x-amz-function-error');
    if (!response.ok || failure !== null)
      throw new Error(`the supervisor answered ${response.status}: ${(await response.text()).slice(0, 500)}`);
    await response.body?.cancel();
  };
}
