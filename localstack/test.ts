import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { workerEnvironment } from '../local/workers/worker-environment.ts';
import { startSandbox } from '../test/sandbox/start-sandbox.ts';
import { callJson } from './emulator-client.ts';
import { type Emulator, readEmulator } from './env.ts';
import { OUTPUTS } from './run-cdk.ts';
import { tellStory } from './tell-story.ts';

const ROOT = join(import.meta.dirname, '..');
const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 250;

const Outputs = z.object({
  'whatsapp-gateway-dev-api': z.looseObject({ ApiUrl: z.url() }),
  'whatsapp-gateway-dev-data': z.looseObject({ BucketName: z.string(), WorkerTokensSecret: z.string() }),
});

interface Deployed {
  apiUrl: string;
  bucket: string;
  workerToken: string;
}

/** What the deployment wrote down, and the worker token as the functions read it. */
async function readDeployed(emulator: Emulator): Promise<Deployed> {
  const text = await readFile(OUTPUTS, 'utf8').catch(() => {
    throw new Error('Nothing is deployed yet: run "npm run localstack:deploy" first.');
  });
  const outputs = Outputs.parse(JSON.parse(text));
  const data = outputs['whatsapp-gateway-dev-data'];
  const { SecretString } = await callJson(emulator, 'secretsmanager', 'secretsmanager.GetSecretValue', {
    SecretId: data.WorkerTokensSecret,
  });
  const { current } = z.object({ current: z.string() }).parse(JSON.parse(String(SecretString)));
  return {
    apiUrl: outputs['whatsapp-gateway-dev-api'].ApiUrl,
    bucket: data.BucketName,
    workerToken: current,
  };
}

/** A child that is ended with this process's work; its output goes to the screen, a line each. */
function startChild(parts: AsyncDisposableStack, file: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [join(ROOT, file)], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = once(child, 'exit');
  parts.defer(async () => {
    child.kill('SIGTERM');
    await ended;
  });
}

async function awaitReady(apiUrl: string): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const response = await fetch(`${apiUrl}/api/v1/health?ready=1`).catch(() => undefined);
    if (response?.ok === true) return;
    await sleep(POLL_MS);
  }
  throw new Error('No worker registered with the deployed control plane within a minute.');
}

/** The story of `npm run demo`, with the deployed control plane in place of the local one. */
async function run(): Promise<void> {
  await using parts = new AsyncDisposableStack();
  const emulator = readEmulator();
  const { apiUrl, bucket, workerToken } = await readDeployed(emulator);
  const sandbox = await startSandbox();
  parts.defer(() => sandbox.close());
  startChild(parts, 'worker/main.ts', {
    ...workerEnvironment({
      inherited: emulator.childEnvironment,
      backendUrl: apiUrl,
      workerToken,
      objects: {
        bucket,
        endpoint: emulator.url,
        region: emulator.region,
        accessKeyId: 'test',
        secretAccessKey: 'test',
        close: async () => {},
      },
      whatsapp: { url: sandbox.url, noiseRootHex: sandbox.trustRoot },
      whatsappVersion: undefined,
      caCertsPath: sandbox.caCertPath,
      logLevel: 'warn',
      version: '0.0.0',
    }),
    WORKER_ID: 'beside-emulator',
    WORKER_PORT: '0',
  });
  await awaitReady(apiUrl);
  await tellStory(apiUrl, sandbox.controlUrl);
}

try {
  await run();
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  process.exitCode = 1;
}
