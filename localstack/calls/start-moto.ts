import { type RunningEmulator, startProgram } from '../start-program.ts';

/** moto, which checks signatures and rights from the moment that it is told to (`checkRights`). */
export function startMoto(): Promise<RunningEmulator> {
  return startProgram({
    requirements: 'localstack/calls/requirements.txt',
    program: 'moto_server',
    args: (port) => ['-H', '127.0.0.1', '-p', String(port)],
  });
}

/** From the next call on, whoever signs wrongly, or has no right to what is called, is refused. */
export async function checkRights(url: string): Promise<void> {
  const response = await fetch(`${url}/moto-api/reset-auth`, {
    method: 'POST',
    body: '0',
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`moto answered ${response.status}`);
  await response.body?.cancel();
}
