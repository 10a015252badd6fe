import { readLocalEnv } from '../../local/env.ts';
import { startLocal } from '../../local/start-local.ts';
import type { Runtime, RuntimeOptions } from './runtime.ts';

/** The embedded runtime on free ports, keeping nothing: real handlers, real worker processes, the sandbox. */
export async function startLocalTarget({
  workers,
  workerStorage,
  workerBackend,
}: RuntimeOptions): Promise<Runtime> {
  const runtime = await startLocal({
    env: { ...readLocalEnv(), LOG_LEVEL: 'warn' },
    stateDir: undefined,
    fresh: false,
    live: false,
    workers,
    workerStorage,
    workerBackend,
    ports: { gateway: 0, firstWorker: 0, sandboxControl: 0 },
    show: (line) => console.error(line),
  });
  const { sandbox } = runtime;
  if (sandbox === undefined) throw new Error('the tests run on the sandbox');
  return Object.assign(Object.create(runtime) as typeof runtime, {
    sandbox,
    tokenIn: 'protocol' as const,
    keepsData: false,
  });
}
