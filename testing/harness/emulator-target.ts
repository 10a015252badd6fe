import { setTimeout as sleep } from 'node:timers/promises';
import { workerIdOf } from '../../local/control-plane/bury-workers.ts';
import { openLogBook } from '../../local/logs/open-log-book.ts';
import { startWhatsApp } from '../../local/sandbox/start-whatsapp.ts';
import { type LocalWorkers, startWorkers } from '../../local/workers/start-workers.ts';
import { workerEnvironment } from '../../local/workers/worker-environment.ts';
import { type Emulator, readEmulator } from '../../localstack/env.ts';
import { makeAdmin } from '../../localstack/make-admin.ts';
import { type Deployed, readDeployed } from '../../localstack/read-deployed.ts';
import { findTaskStoppedRule, type TellStopped } from '../../localstack/tell-stopped.ts';
import { SandboxClient } from '../../sandbox/sandbox-client.ts';
import { openTable } from '../../shared/table/table.ts';
import { createTableClient } from '../../shared/table/table-client.ts';
import { createWorkerStore } from '../../shared/workers/store.ts';
import type { Runtime, RuntimeOptions } from './runtime.ts';

const POLL_MS = 250;

function objectsOf({ url, region }: Emulator, { bucket }: Deployed): Runtime['objects'] {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return { bucket, endpoint: url, region, ...credentials, close: async () => {} };
}

/** Tells `workers` of every registration that the deployed table shows, until stopped. */
function watchRegistrations(emulator: Emulator, { tableName }: Deployed, workers: LocalWorkers) {
  const client = createTableClient({ region: emulator.region, endpoint: emulator.url });
  const store = createWorkerStore(openTable(client, tableName), Date.now);
  const seen = new Map<string, string | undefined>();
  const abort = new AbortController();
  const watch = async () => {
    while (!abort.signal.aborted) {
      for (const { workerId } of workers.all) {
        const worker = await store.get(workerId);
        if (worker === undefined || worker.fencedAt !== undefined || worker.bootId === seen.get(workerId))
          continue;
        seen.set(workerId, worker.bootId);
        workers.registered(workerId);
      }
      await sleep(POLL_MS, undefined, { signal: abort.signal }).catch(() => undefined);
    }
    client.destroy();
  };
  const done = watch();
  return {
    stop: async () => {
      abort.abort();
      await done;
    },
  };
}

function environmentOfWorkers(
  emulator: Emulator,
  deployed: Deployed,
  whatsapp: {
    server: { url: string; noiseRootHex: string | undefined } | undefined;
    sandbox: { caCertPath: string } | undefined;
  },
): Record<string, string> {
  const { current, next } = deployed.workerTokens;
  return {
    ...workerEnvironment({
      inherited: emulator.childEnvironment,
      backendUrl: deployed.apiUrl,
      workerToken: current,
      objects: objectsOf(emulator, deployed),
      whatsapp: whatsapp.server,
      whatsappVersion: undefined,
      caCertsPath: whatsapp.sandbox?.caCertPath,
      logLevel: 'warn',
      version: '0.0.0',
    }),
    ...(next === '' ? {} : { WORKER_AUTH_TOKEN_PREVIOUS: next }),
  };
}

async function startFleet(
  parts: AsyncDisposableStack,
  { count, env, tell }: { count: number; env: Record<string, string>; tell: TellStopped },
): Promise<LocalWorkers> {
  const logs = openLogBook(undefined, (line) => console.error(line));
  parts.defer(() => logs.close());
  // What a file that was cut off left behind: its processes ended with it.
  for (let index = 0; index < count; index += 1) await tell(workerIdOf(index));
  const workers = await startWorkers({ count, firstPort: 0, logs, env, onDeath: tell });
  parts.defer(() => workers.stop());
  return workers;
}

/**
 * What is deployed in the emulator, with worker processes and a sandbox beside it: every request goes through
 * its API Gateway, functions, table, queues and bucket. The death of a process is told as ECS tells it.
 */
export async function startEmulatorTarget({ workers: count }: RuntimeOptions): Promise<Runtime> {
  await using parts = new AsyncDisposableStack();
  const emulator = readEmulator();
  const deployed = await readDeployed(emulator);
  const tell = await findTaskStoppedRule(emulator);
  const whatsapp = await startWhatsApp({
    live: false,
    env: { WHATSAPP_WS_URL: undefined, WHATSAPP_NOISE_ROOT: undefined },
    controlPort: 0,
    dataDir: undefined,
    log: (line) => console.error(line),
  });
  const { sandbox } = whatsapp;
  if (sandbox === undefined) throw new Error('the tests run on the sandbox');
  parts.defer(() => sandbox.close());
  const env = environmentOfWorkers(emulator, deployed, whatsapp);
  const workers = await startFleet(parts, { count, env, tell });
  const watch = watchRegistrations(emulator, deployed, workers);
  parts.defer(() => watch.stop());
  await workers.ready();
  const all = parts.move();
  return {
    url: deployed.apiUrl,
    websocketUrl: deployed.websocketUrl,
    sandbox: new SandboxClient(sandbox.controlUrl),
    objects: objectsOf(emulator, deployed),
    tokenIn: 'query',
    keepsData: true,
    get workers() {
      return workers.all.map(({ workerId, pid, port }) => ({
        workerId,
        pid,
        endpoint: `http://127.0.0.1:${port}`,
      }));
    },
    adminToken: () => makeAdmin(emulator, deployed),
    killWorker: async (index, signal = 'SIGKILL') => {
      await workers.all[index]?.kill(signal);
    },
    workerRegistered: (workerId) => workers.nextRegistration(workerId),
    close: () => all.disposeAsync(),
  };
}
