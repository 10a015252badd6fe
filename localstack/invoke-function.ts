import { getJson } from './emulator-client.ts';
import type { Emulator } from './env.ts';
import { listFunctions } from './list-resources.ts';

/** Evacuating a whole worker may be waited for. */
const TIMEOUT_MS = 90_000;

/** The deployed function of which this is a part of the name. @throws where there is none */
export async function findFunction(emulator: Emulator, part: string): Promise<string> {
  const name = (await listFunctions(emulator)).find((each) => each.includes(part));
  if (name === undefined) throw new Error(`No function with "${part}" in its name is deployed.`);
  return name;
}

/** Calls a deployed function and waits for its end. @throws where it fails */
export async function invokeFunction(emulator: Emulator, name: string, event: object): Promise<void> {
  const response = await fetch(`${emulator.url}/2015-03-31/functions/${name}/invocations`, {
    method: 'POST',
    body: JSON.stringify(event),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  if (!response.ok || response.headers.get('x-amz-function-error') !== null)
    throw new Error(`${name} answered ${response.status}: ${text.slice(0, 500)}`);
}

/** The function's own policy: who may call it. As JSON text. */
export async function policyOf(emulator: Emulator, name: string): Promise<string> {
  const { Policy } = await getJson(emulator, 'lambda', `2015-03-31/functions/${name}/policy`);
  return String(Policy);
}
