import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '../../shared/contract/client.ts';
import { workerRoutes } from '../../shared/workers/api/routes.ts';
import { NODE_FLAGS } from '../../worker/env.ts';
import { type BenchSandbox, numberOf } from '../auth/bench-kit.ts';
import { type Child, startChild } from './child.ts';

export const WORKER_TOKEN = 'a-token-for-benchmarks-only';
const WORKER = fileURLToPath(new URL('../../worker/main.ts', import.meta.url));

export interface WorkerOptions {
  sandbox: BenchSandbox;
  env?: Readonly<Record<string, string>>;
  execArgv?: readonly string[];
  node?: string;
  /** Another version's `worker/main.ts`. */
  script?: string | undefined;
}

/** A worker without a control plane, in a process of its own, as its HTTP clients see it. */
export interface StandAloneWorker {
  readonly child: Child<{ port: number }>;
  readonly url: string;
  readonly api: ReturnType<typeof openApi>;
  link(index: number): Promise<Linked>;
  close(): Promise<void>;
}

export interface Linked {
  sessionId: string;
  qrMs: number;
  connectedMs: number;
}

const POLL_MS = 5;

const openApi = (baseUrl: string) => createClient(workerRoutes, { baseUrl, token: () => WORKER_TOKEN });

export async function startStandAloneWorker(options: WorkerOptions): Promise<StandAloneWorker> {
  const { sandbox, env = {}, script = WORKER, execArgv = NODE_FLAGS, ...rest } = options;
  const folder = await mkdtemp(join(tmpdir(), 'bench-worker-'));
  const child = await startChild<{ port: number }>({
    ...rest,
    execArgv,
    script,
    env: {
      STANDALONE_MODE: 'true',
      WORKER_AUTH_TOKEN: WORKER_TOKEN,
      WORKER_PORT: '0',
      WORKER_MAX_SESSIONS: '500',
      SESSION_STORAGE_PATH: join(folder, 'sessions'),
      MEDIA_STORAGE_PATH: join(folder, 'media'),
      WHATSAPP_WS_URL: sandbox.network.url,
      WHATSAPP_NOISE_ROOT: sandbox.network.noiseRoot,
      NODE_EXTRA_CA_CERTS: sandbox.certificatePath,
      ...env,
    },
  });
  const url = `http://127.0.0.1:${child.ready.port}`;
  const api = openApi(url);
  return {
    child,
    url,
    api,
    link: (index) => link(api, sandbox, index),
    close: async () => {
      await child.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function link(api: StandAloneWorker['api'], { verbs }: BenchSandbox, index: number): Promise<Linked> {
  const sessionId = `bench-${index}`;
  const number = numberOf(index);
  await verbs.addAccount({ number, name: `Owner ${index}` });
  const start = performance.now();
  const { data: started } = await api.workerStartSession({ body: { sessionId, userId: 'bench' } });
  const view = async () => (await api.workerSessionStatus({ params: { sessionId } })).data;
  let { qrString } = started;
  while (qrString === undefined) {
    await pause();
    ({ qrString } = await view());
  }
  const qrMs = performance.now() - start;
  const scannedAt = performance.now();
  await verbs.scan(number, qrString);
  while ((await view()).status !== 'connected') await pause();
  return { sessionId, qrMs, connectedMs: performance.now() - scannedAt };
}

const pause = () => new Promise((resolve) => setTimeout(resolve, POLL_MS));
