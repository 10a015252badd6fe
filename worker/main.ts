import type { Server } from 'node:http';
import type { Logger } from 'pino';
import manifest from '../package.json' with { type: 'json' };
import { MESSAGE_TYPES } from '../shared/messages/schema.ts';
import { outboundPolicy } from '../shared/outbound/outbound-policy.ts';
import { createLogger } from '../shared/program/create-logger.ts';
import { systemClock } from './control-plane/clock.ts';
import { askControlPlane, type ControlClient, createControlClient } from './control-plane/control-client.ts';
import { ConvergeQueue } from './control-plane/converge-queue.ts';
import { Lease, UNCONTESTED } from './control-plane/lease.ts';
import { joinControlPlane, type Membership } from './control-plane/membership.ts';
import type { LeaseBucket } from './control-plane/membership-deps.ts';
import { createReportSink, NO_CALLBACKS } from './control-plane/report-sink.ts';
import { type StopDeps, stopWorker } from './control-plane/stop-worker.ts';
import { protectTask, type TaskProtection, UNPROTECTED } from './control-plane/task-protection.ts';
import { readIdentity, type WorkerIdentity } from './control-plane/worker-identity.ts';
import { readWorkerEnv, type WorkerEnv, WorkerEnvError } from './env.ts';
import { createApp } from './http/create-app.ts';
import { Lifecycle } from './http/lifecycle.ts';
import { listen } from './http/listen.ts';
import { createLoadMeter } from './http/load-meter.ts';
import { createMetrics, type Metrics } from './http/metrics.ts';
import { type ByteBudget, createMediaBudget, memoryBytes } from './sessions/byte-budget.ts';
import type { SessionRegistry } from './sessions/ports.ts';
import { createRegistry } from './sessions/registry/create-registry.ts';
import { openObjectStore } from './storage/open-object-store.ts';
import { openAuth } from './whatsapp/state/open-auth.ts';
import { warmDrawing } from './whatsapp/workarounds/warm-drawing.ts';

const USAGE = `One worker of the WhatsApp gateway.

  npm run worker [-- --help]

It is set up by its environment, first of all BACKEND_URL and WORKER_AUTH_TOKEN, or STANDALONE_MODE=true;
S3_BUCKET (and S3_ENDPOINT) or SESSION_STORAGE_PATH say where sessions are kept, WORKER_PORT where it listens.

For example: STANDALONE_MODE=true WORKER_AUTH_TOKEN=a-token-of-your-own SESSION_STORAGE_PATH=./sessions npm run worker
`;

/** ECS kills after 30 s; a worker that has not finished by now will not finish. */
const STOP_BOUND_MS = 22_000;
/** A parent that is gone took the control plane with it. */
const ORPHAN_BOUND_MS = 5000;
const CAPABILITIES: readonly string[] = MESSAGE_TYPES;

interface Parts {
  env: WorkerEnv;
  identity: WorkerIdentity;
  lifecycle: Lifecycle;
  logger: Logger;
  registry: SessionRegistry;
  lease: Lease;
  budget: ByteBudget;
  metrics: Metrics;
  client: ControlClient | undefined;
  bucket: LeaseBucket | undefined;
  readLoad: ReturnType<typeof createLoadMeter>;
}

async function assemble(env: WorkerEnv): Promise<Parts> {
  const identity = await readIdentity(env);
  const logger = createLogger({ level: env.logLevel, base: { workerId: identity.workerId } });
  const lease = new Lease(systemClock);
  const { backendUrl, tokens } = env;
  const client =
    backendUrl === undefined
      ? undefined
      : createControlClient({ baseUrl: backendUrl, token: tokens[0] }).client;
  const store = await openObjectStore(env.storage);
  const budget = createMediaBudget(memoryBytes());
  const late: { metrics?: Metrics } = {};
  const sink =
    client === undefined
      ? NO_CALLBACKS
      : createReportSink({
          client,
          workerId: identity.workerId,
          logger,
          onOutcome: (kind, outcome) => late.metrics?.countReport(kind, outcome),
        });
  const registry = createRegistry({
    store,
    budget,
    sink,
    lease: client === undefined ? UNCONTESTED : lease,
    log: logger,
    settings: {
      maxSessions: env.maxSessions,
      // Outside production, a tenant's server on this network may be reached.
      media: { allowPrivate: outboundPolicy(env.environment).allowPrivate },
      whatsapp: {
        url: env.whatsapp.url,
        noiseRoot: env.whatsapp.noiseRootHex,
        version: env.whatsapp.version,
      },
    },
    openAuth,
    ...(client === undefined ? {} : askControlPlane(client, identity.workerId)),
  });
  const metrics = createMetrics(registry, client === undefined ? undefined : lease);
  late.metrics = metrics;
  const lifecycle = new Lifecycle();
  const bucket = env.storage.kind === 's3' ? { name: env.storage.bucket, store } : undefined;
  return {
    env,
    identity,
    lifecycle,
    logger,
    registry,
    lease,
    budget,
    metrics,
    client,
    bucket,
    readLoad: createLoadMeter(),
  };
}

function serve(parts: Parts): Promise<{ server: Server; port: number }> {
  const { env, identity } = parts;
  const app = createApp({
    ...parts,
    tokens: env.tokens,
    info: {
      workerId: identity.workerId,
      version: env.version,
      environment: env.environment,
      capabilities: CAPABILITIES,
      baileysVersion: manifest.dependencies['@whiskeysockets/baileys'],
    },
  });
  return listen(app, { host: identity.host, port: env.port });
}

function join(parts: Parts, client: ControlClient, port: number, onBroken: () => void): Membership {
  const { env, identity, registry, logger } = parts;
  return joinControlPlane({
    ...parts,
    client,
    queue: new ConvergeQueue(registry, logger),
    identity: {
      workerId: identity.workerId,
      endpoint: identity.endpointAt(port),
      version: env.version,
      environment: env.environment,
      capabilities: CAPABILITIES,
      protectsTask: env.ecsAgentUrl !== undefined,
    },
    clock: systemClock,
    random: Math.random,
    onBroken,
    onRefreshVersion: () => void registry.refreshVersion(),
  });
}

function protect({ env, registry, lifecycle, logger }: Parts): TaskProtection {
  const { ecsAgentUrl: agentUrl } = env;
  if (agentUrl === undefined) return UNPROTECTED;
  return protectTask({ agentUrl, registry, lifecycle, logger, clock: systemClock, random: Math.random });
}

/** Ends the process once, gracefully, within a bound; later calls change nothing. */
function createStop(logger: Logger, deps: StopDeps) {
  let stopping = false;
  return (reason: string, exitCode: number, boundMs = STOP_BOUND_MS): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ reason }, 'stopping');
    setTimeout(() => {
      logger.error({ boundMs }, 'stopping took too long; what is left is cut off');
      process.exit(1);
    }, boundMs);
    stopWorker(deps).then(
      () => process.exit(exitCode),
      (thrown: unknown) => {
        logger.error({ err: thrown }, 'stopping failed');
        process.exit(1);
      },
    );
  };
}

/** A broken connection of a library: our own state is not in doubt. */
const NETWORK_CODES = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENOTFOUND',
]);

async function run(env: WorkerEnv): Promise<void> {
  const parts = await assemble(env);
  const { logger, client, identity } = parts;
  const { server, port } = await serve(parts);
  logger.info({ endpoint: identity.endpointAt(port), standalone: client === undefined }, 'listening');
  process.send?.({ type: 'listening', port });
  void warmDrawing();
  const actions: { stop?: ReturnType<typeof createStop> } = {};
  const onBroken = () => actions.stop?.('membership ended', 1);
  const membership = client === undefined ? undefined : join(parts, client, port, onBroken);
  const controlPlane =
    client === undefined || membership === undefined
      ? undefined
      : { client, membership, workerId: identity.workerId };
  const stop = createStop(logger, { ...parts, server, controlPlane, protection: protect(parts) });
  actions.stop = stop;
  process.on('SIGTERM', () => stop('SIGTERM', 0));
  process.on('SIGINT', () => stop('SIGINT', 0));
  process.on('disconnect', () => stop('the parent process is gone', 0, ORPHAN_BOUND_MS));
  process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
    const known = NETWORK_CODES.has(error.code ?? '');
    logger[known ? 'error' : 'fatal']({ err: error }, 'an error reached nobody');
    // Its state is unknown after this, so sessions are better off in a new process.
    if (!known) stop('uncaught error', 1);
  });
}

/** The sentence for whatever kept the worker from starting. */
function explain(thrown: unknown): string {
  if (thrown instanceof WorkerEnvError) return thrown.message;
  const { code, port } = thrown as { code?: unknown; port?: unknown };
  if (code === 'EADDRINUSE') return `Port ${String(port)} is in use; choose another with WORKER_PORT.`;
  return `The worker did not start: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
}

if (process.argv.includes('--help')) console.log(USAGE);
else
  try {
    await run(readWorkerEnv());
  } catch (thrown) {
    console.error(explain(thrown));
    process.exit(1);
  }
