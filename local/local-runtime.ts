import type { Deps } from '../functions/deps.ts';
import { SandboxClient } from '../sandbox/sandbox-client.ts';
import { createClient } from '../shared/contract/client.ts';
import { controlRoutes } from '../shared/control-routes.ts';
import type { LocalControlPlane } from './control-plane/start-control-plane.ts';
import { landingPage } from './pages.ts';
import type { LocalWhatsApp } from './sandbox/start-whatsapp.ts';
import type { LocalObjectStore } from './services/start-object-store.ts';
import type { LocalSecrets } from './state/secrets.ts';
import type { LocalWorkers } from './workers/start-workers.ts';

export interface LocalWorker {
  workerId: string;
  /** Undefined between death and restart. */
  pid: number | undefined;
  endpoint: string;
}

/** The running gateway, for the command line and for tests. */
export interface LocalRuntime {
  readonly url: string;
  readonly websocketUrl: string;
  readonly network: 'live' | 'sandbox';
  readonly sandboxControlUrl: string | undefined;
  /** The sandbox's verbs; undefined where another server is used. */
  readonly sandbox: SandboxClient | undefined;
  readonly workers: readonly LocalWorker[];
  readonly secrets: LocalSecrets;
  readonly objects: LocalObjectStore;
  /** What the control plane's handlers work with. */
  readonly deps: Deps;
  /** An administrator's access token, by a login. */
  adminToken(): Promise<string>;
  /** Resolves once the process is gone; it is started again a second later. */
  killWorker(index: number, signal?: NodeJS.Signals): Promise<void>;
  /** Resolves when this worker registers next. */
  workerRegistered(workerId: string): Promise<void>;
  landingPage(): string;
  close(): Promise<void>;
}

interface RuntimeParts {
  controlPlane: LocalControlPlane;
  workers: LocalWorkers;
  secrets: LocalSecrets;
  objects: LocalObjectStore;
  whatsapp: LocalWhatsApp;
  close: () => Promise<void>;
}

export function toRuntime({
  controlPlane,
  workers,
  secrets,
  objects,
  whatsapp,
  close,
}: RuntimeParts): LocalRuntime {
  const { url, websocketUrl, deps } = controlPlane;
  const { network } = whatsapp;
  const sandboxControlUrl = whatsapp.sandbox?.controlUrl;
  const sandbox = sandboxControlUrl === undefined ? undefined : new SandboxClient(sandboxControlUrl);
  const describeWorkers = () =>
    workers.all.map(({ workerId, pid, port }) => ({ workerId, pid, endpoint: `http://127.0.0.1:${port}` }));
  return {
    url,
    websocketUrl,
    network,
    sandbox,
    secrets,
    objects,
    deps,
    close,
    sandboxControlUrl,
    get workers() {
      return describeWorkers();
    },
    adminToken: async () => {
      const client = createClient(controlRoutes, { baseUrl: url });
      const { data } = await client.login({
        body: { email: secrets.adminEmail, password: secrets.adminPassword },
      });
      return data.accessToken;
    },
    killWorker: async (index, signal = 'SIGKILL') => {
      await workers.all[index]?.kill(signal);
    },
    workerRegistered: (workerId) => workers.nextRegistration(workerId),
    landingPage: () =>
      landingPage({
        url,
        websocketUrl,
        network,
        sandboxControlUrl,
        workers: describeWorkers(),
      }),
  };
}
