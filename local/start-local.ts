import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureAdmin } from '../functions/accounts/ensure-admin.ts';
import manifest from '../package.json' with { type: 'json' };
import { createLogger } from '../shared/program/create-logger.ts';
import { buryEarlierWorkers, buryWorker } from './control-plane/bury-workers.ts';
import { type LocalControlPlane, startControlPlane } from './control-plane/start-control-plane.ts';
import { type LocalEnv, readInheritedEnv } from './env.ts';
import { type LocalRuntime, toRuntime } from './local-runtime.ts';
import { type LogBook, openLogBook } from './logs/open-log-book.ts';
import { type LocalWhatsApp, startWhatsApp } from './sandbox/start-whatsapp.ts';
import type { LocalObjectStore } from './services/start-object-store.ts';
import { type LocalQueues, startQueues } from './services/start-queues.ts';
import { assertPortsFree } from './services/start-server.ts';
import type { LocalTable } from './services/start-table.ts';
import { type LocalSecrets, loadSecrets } from './state/secrets.ts';
import { openStateFolder, readingState, type StateFolder } from './state/state-folder.ts';
import type { ObjectStoreAddresses } from './threads/object-store-thread.ts';
import { runInThread } from './threads/run-in-thread.ts';
import type { TableAddresses } from './threads/table-thread.ts';
import { type LocalWorkers, startWorkers } from './workers/start-workers.ts';
import { joinCertificates, workerEnvironment } from './workers/worker-environment.ts';

export interface LocalOptions {
  env: LocalEnv;
  /** Undefined keeps no state. */
  stateDir: string | undefined;
  fresh: boolean;
  live: boolean;
  workers: number;
  ports: { gateway: number; firstWorker: number; sandboxControl: number };
  /** Receives lines for the terminal: warnings of every part. */
  show: (line: string) => void;
  /** Where workers reach the storage at this address; tests put a proxy in between. */
  workerStorage?: ((endpoint: string) => Promise<string>) | undefined;
}

/** The default ports; 0 for the gateway means a free one for every part. */
export function choosePorts(gateway: number): LocalOptions['ports'] {
  return gateway === 0
    ? { gateway: 0, firstWorker: 0, sandboxControl: 0 }
    : { gateway, firstWorker: 8001, sandboxControl: 8090 };
}

/** What one step of the start passes to the next; `defer` ends things in the opposite order. */
interface Started {
  options: LocalOptions;
  parts: AsyncDisposableStack;
  folder: StateFolder | undefined;
  logs: LogBook;
  secrets: LocalSecrets;
}

async function openState(options: LocalOptions, parts: AsyncDisposableStack): Promise<Started> {
  const { stateDir, fresh, env } = options;
  const folder = stateDir === undefined ? undefined : await openStateFolder(stateDir, { fresh });
  if (folder !== undefined) parts.defer(() => folder.release());
  const logs = openLogBook(folder?.logs, options.show);
  parts.defer(() => logs.close());
  const secrets = await readingState('secrets', () => loadSecrets(folder?.secrets, env));
  return { options, parts, folder, logs, secrets };
}

interface Services {
  queues: LocalQueues;
  objects: LocalObjectStore;
  whatsapp: LocalWhatsApp;
  table: LocalTable;
}

const threadFile = (name: string) => new URL(`./threads/${name}-thread.ts`, import.meta.url);

async function startServices({ options, parts, folder, logs }: Started): Promise<Services> {
  const log = (part: string) => (line: string) => logs.write(part, line);
  const table = await readingState('table', () =>
    runInThread<object, TableAddresses>(threadFile('table'), { path: folder?.table }, log('table')),
  );
  parts.defer(() => table.close());
  const objects = await readingState('objects', () =>
    runInThread<object, ObjectStoreAddresses>(
      threadFile('object-store'),
      { folder: folder?.objects },
      log('objects'),
    ),
  );
  parts.defer(() => objects.close());
  const queues = await startQueues(objects);
  parts.defer(() => queues.close());
  const whatsapp = await startWhatsApp({
    live: options.live,
    env: options.env,
    controlPort: options.ports.sandboxControl,
    dataDir: folder?.sandbox,
    log: log('sandbox'),
  });
  parts.defer(async () => whatsapp.sandbox?.close());
  return { table, objects, queues, whatsapp };
}

async function certificatesFor({ options, parts }: Started, { sandbox }: LocalWhatsApp) {
  const paths = [options.env.NODE_EXTRA_CA_CERTS, sandbox?.caCertPath].filter((path) => path !== undefined);
  if (paths.length < 2) return paths[0];
  const folder = await mkdtemp(join(tmpdir(), 'gateway-certificates-'));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  return await joinCertificates(paths, join(folder, 'extra-ca.pem'));
}

async function launchWorkers(
  started: Started,
  { objects, whatsapp }: Services,
  controlPlane: LocalControlPlane,
): Promise<LocalWorkers> {
  const { options, parts, logs, secrets } = started;
  const { workerStorage = async (endpoint: string) => endpoint } = options;
  const workers = await startWorkers({
    count: options.workers,
    firstPort: options.ports.firstWorker,
    logs,
    env: workerEnvironment({
      inherited: readInheritedEnv(),
      backendUrl: controlPlane.url,
      workerToken: secrets.workerToken,
      objects: { ...objects, endpoint: await workerStorage(objects.endpoint) },
      whatsapp: whatsapp.server,
      whatsappVersion: options.env.WHATSAPP_VERSION,
      caCertsPath: await certificatesFor(started, whatsapp),
      logLevel: options.env.LOG_LEVEL,
      version: manifest.version,
    }),
    onDeath: (workerId) => buryWorker(controlPlane.deps, workerId),
  });
  parts.defer(() => workers.stop());
  return workers;
}

/**
 * Starts everything and resolves once every worker has registered; where one step fails, whatever was started
 * is ended again.
 * @throws LocalError, or a system error that `explain` has a sentence for
 */
export async function startLocal(options: LocalOptions): Promise<LocalRuntime> {
  // A taken port is found here, seconds before it would fail a part.
  await assertPortsFree(Object.values(options.ports));
  await using parts = new AsyncDisposableStack();
  const started = await openState(options, parts);
  const { logs, secrets } = started;
  const services = await startServices(started);
  const late: { runtime?: LocalRuntime; workers?: LocalWorkers } = {};
  const registered: string[] = [];
  const controlPlane = await startControlPlane({
    ...{
      port: options.ports.gateway,
      version: manifest.version,
      table: services.table,
      queues: services.queues,
      objects: services.objects,
    },
    jwtSecret: secrets.jwtSecret,
    workerToken: secrets.workerToken,
    network: services.whatsapp.network,
    logger: createLogger(
      { level: options.env.LOG_LEVEL, base: null },
      { write: (line: string) => logs.write('control-plane', line) },
    ),
    onRegistered: (workerId) => {
      registered.push(workerId);
      late.workers?.registered(workerId);
    },
    pages: {
      '/': () => ({ contentType: 'text/html; charset=utf-8', body: late.runtime?.landingPage() ?? '' }),
      '/.local/workers': () => ({
        contentType: 'application/json',
        body: JSON.stringify({ workers: late.runtime?.workers ?? [] }),
      }),
    },
  });
  parts.defer(() => controlPlane.close());
  if (started.folder !== undefined) await buryEarlierWorkers(controlPlane.deps);
  const workers = await launchWorkers(started, services, controlPlane);
  late.workers = workers;
  for (const workerId of registered) workers.registered(workerId);
  const admin = { email: secrets.adminEmail, password: secrets.adminPassword };
  await Promise.all([ensureAdmin(controlPlane.deps, admin), workers.ready()]);
  const all = parts.move();
  late.runtime = toRuntime({ controlPlane, workers, secrets, ...services, close: () => all.disposeAsync() });
  return late.runtime;
}
