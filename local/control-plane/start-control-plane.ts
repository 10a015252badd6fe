import { createServer, type RequestListener, type Server } from 'node:http';
import type { Logger } from 'pino';
import { EVERY_SERVICE } from '../../functions/aws/every-service.ts';
import { createDeps } from '../../functions/create-deps.ts';
import type { Deps } from '../../functions/deps.ts';
import { type FunctionsEnvironment, parseFunctionsEnv } from '../../functions/env.ts';
import { loadHandlers } from '../../functions/handler-file.ts';
import { httpFunction } from '../../functions/http/http-function.ts';
import { realtimeFunction } from '../../functions/realtime/realtime-function.ts';
import { type Group, routeKeys } from '../../shared/contract/route.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import { registerWorker } from '../../shared/workers/routes.ts';
import type { Connections } from '../gateway/connections.ts';
import { createHttpGateway, type HttpFunction } from '../gateway/http-gateway.ts';
import { createManagementApi } from '../gateway/management-api.ts';
import { createWebsocketGateway, WEBSOCKET_PATH } from '../gateway/websocket-gateway.ts';
import type { LocalQueues } from '../services/start-queues.ts';
import { startServer, stopServer } from '../services/start-server.ts';
import { startBackground } from './start-background.ts';

export interface ControlPlaneOptions {
  port: number;
  table: { endpoint: string; tableName: string };
  queues: LocalQueues;
  objects: { endpoint: string; bucket: string };
  jwtSecret: string;
  workerToken: string;
  network: 'live' | 'sandbox';
  version: string;
  logger: Logger;
  /** Called when a worker has registered. */
  onRegistered: (workerId: string) => void;
  /** Pages that exist only here, by path. */
  pages: Readonly<Record<string, () => { contentType: string; body: string }>>;
}

export interface LocalControlPlane {
  port: number;
  url: string;
  websocketUrl: string;
  deps: Deps;
  close(): Promise<void>;
}

/** Longer than clients keep idle connections, so that we never close first. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/** One function per group, as on AWS. */
async function loadFunctions(deps: Deps): Promise<ReadonlyMap<Group, HttpFunction>> {
  const groups = new Set<Group>(controlRoutes.map(({ group }) => group));
  const entries = await Promise.all(
    [...groups].map(
      async (group) => [group, httpFunction(await loadHandlers(group), deps, controlRoutes)] as const,
    ),
  );
  return new Map(entries);
}

/** Passes everything through, and tells of registered workers. */
function tellRegistrations(invoke: HttpFunction, onRegistered: (workerId: string) => void): HttpFunction {
  const keys = new Set(routeKeys(registerWorker));
  return async (event) => {
    const result = await invoke(event);
    if (keys.has(event.routeKey) && result.statusCode === 200) {
      const { data } = JSON.parse(result.body ?? '{}') as { data?: { workerId?: string } };
      if (data?.workerId !== undefined) onRegistered(data.workerId);
    }
    return result;
  };
}

function describeEnv(options: ControlPlaneOptions, urls: { websocket: string; callback: string }) {
  return {
    TABLE_NAME: options.table.tableName,
    DYNAMODB_ENDPOINT: options.table.endpoint,
    AWS_REGION: 'us-east-1',
    S3_BUCKET: options.objects.bucket,
    S3_ENDPOINT: options.objects.endpoint,
    SQS_ENDPOINT: options.queues.endpoint,
    DELIVERY_QUEUE_URL: options.queues.deliveriesUrl,
    DELIVERY_DEAD_LETTER_QUEUE_URL: options.queues.deliveriesDeadLettersUrl,
    OUTBOX_QUEUE_URL: options.queues.outboxUrl,
    JWT_SECRETS: options.jwtSecret,
    WORKER_AUTH_TOKENS: options.workerToken,
    WEBSOCKET_URL: urls.websocket,
    WEBSOCKET_CALLBACK_URL: urls.callback,
    ENVIRONMENT: 'DEVELOPMENT',
    NETWORK: options.network,
    VERSION: options.version,
  } satisfies FunctionsEnvironment & Record<string, string>;
}

/** Starts the control plane's functions behind an HTTP API and a WebSocket API, all on loopback. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<LocalControlPlane> {
  const { logger, pages } = options;
  const onFunctionError = (thrown: unknown) => logger.error({ err: thrown }, 'a function failed');
  await using started = new AsyncDisposableStack();
  const open = async (server: Server, port: number) => {
    server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
    const taken = await startServer(server, port);
    started.defer(() => stopServer(server));
    return taken;
  };
  // The port is taken first: without it, nothing else is worth starting.
  const gateway = Promise.withResolvers<RequestListener>();
  // Requests that come while functions are being loaded wait for the answer.
  const server = createServer((request, response) => {
    void gateway.promise.then((serve) => serve(request, response));
  });
  const port = await open(server, options.port);
  const connections: Connections = new Map();
  const managementPort = await open(createServer(createManagementApi(connections)), 0);
  const url = `http://127.0.0.1:${port}`;
  const websocketUrl = `ws://127.0.0.1:${port}${WEBSOCKET_PATH}`;
  const callback = `http://127.0.0.1:${managementPort}`;
  const env = parseFunctionsEnv(describeEnv(options, { websocket: websocketUrl, callback }));
  const deps = createDeps(env, EVERY_SERVICE, { log: logger });
  const functions = new Map(await loadFunctions(deps));
  const workers = functions.get('workers');
  if (workers !== undefined) functions.set('workers', tellRegistrations(workers, options.onRegistered));
  const websocket = createWebsocketGateway({ connections, invoke: realtimeFunction(deps), onFunctionError });
  started.defer(() => websocket.close());
  server.on('upgrade', websocket.upgrade);
  gateway.resolve(createHttpGateway({ routes: controlRoutes, functions, pages, onFunctionError }));
  const background = startBackground(deps, options.queues);
  started.defer(() => background.stop());
  const parts = started.move();
  return { port, url, websocketUrl, deps, close: () => parts.disposeAsync() };
}
