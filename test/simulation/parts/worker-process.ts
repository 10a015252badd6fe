import { createClient } from '../../../shared/contract/client.ts';
import { createPathMatcher } from '../../../shared/contract/match-path.ts';
import { parseRequest } from '../../../shared/contract/parse-request.ts';
import type { RouteDeclaration } from '../../../shared/contract/route.ts';
import { renderError } from '../../../shared/errors/render-error.ts';
import { workerRoutes } from '../../../shared/workers/api/routes.ts';
import { callbackRoutes } from '../../../shared/workers/reports/routes.ts';
import { workerControlRoutes } from '../../../shared/workers/routes.ts';
import { askControlPlane } from '../../../worker/control-plane/control-client.ts';
import { systemClock } from '../../../worker/control-plane/clock.ts';
import { ConvergeQueue } from '../../../worker/control-plane/converge-queue.ts';
import { Lease } from '../../../worker/control-plane/lease.ts';
import { joinControlPlane } from '../../../worker/control-plane/membership.ts';
import { createReportSink } from '../../../worker/control-plane/report-sink.ts';
import { stopWorker } from '../../../worker/control-plane/stop-worker.ts';
import { UNPROTECTED } from '../../../worker/control-plane/task-protection.ts';
import { createHandlers } from '../../../worker/http/handlers.ts';
import { Lifecycle } from '../../../worker/http/lifecycle.ts';
import type { Reply } from '../../../worker/http/reply.ts';
import { createMediaBudget } from '../../../worker/sessions/byte-budget.ts';
import { createRegistry } from '../../../worker/sessions/registry/create-registry.ts';
import type { ObjectStore } from '../../../worker/storage/object-store.ts';
import type { openSocket } from '../../../worker/whatsapp/socket/open-socket.ts';
import type { Host } from '../engine/host.ts';
import { openModelAuth } from '../models/model-auth.ts';
import type { Listener, WireAnswer, WireRequest } from '../models/model-fetch.ts';
import { BUCKET } from './control-plane.ts';
import type { Trace } from './trace.ts';

const ROUTES = [...workerControlRoutes, ...callbackRoutes] as const;
const matcher = createPathMatcher<RouteDeclaration>(workerRoutes);
/** No history has a file. */
const BUDGET = createMediaBudget(1024 ** 3);
/** The process is ended from outside after so long. */
const STOP_BOUND_MS = 22_000;

/** The id of the route of the worker's own API that a request means. */
export const workerRouteIdOf = ({ method, path }: Pick<WireRequest, 'method' | 'path'>): string =>
  matcher.match(method, path)?.route.id ?? 'none';

export interface WorkerProcessOptions {
  host: Host;
  workerId: string;
  endpoint: string;
  maxSessions: number;
  /** Its orchestrator ends it once it is empty, and not before. */
  protectsTask: boolean;
  store: ObjectStore;
  /** To the control plane. */
  fetch: typeof fetch;
  openSocket: typeof openSocket;
  trace: Trace;
  /** It has ended by itself. */
  onExit: () => void;
}

type Handlers = Record<string, (request: unknown) => Promise<Reply<unknown>>>;

/** One worker process: the product's own parts, put together as its `main.ts` does. */
export class WorkerProcess implements Listener {
  readonly host: Host;
  readonly workerId: string;
  readonly endpoint: string;
  isListening = true;
  /** Until when it holds its lease, by true time and by what it was answered. */
  leaseUntil = 0;
  readonly #options: WorkerProcessOptions;
  readonly #lifecycle = new Lifecycle();
  readonly #handlers: Handlers;
  readonly #stop: () => Promise<void>;
  readonly #ended = new Set<() => void>();
  #isStopping = false;

  constructor(options: WorkerProcessOptions) {
    this.#options = options;
    this.host = options.host;
    this.workerId = options.workerId;
    this.endpoint = options.endpoint;
    const { workerId, trace, store, fetch, openSocket } = options;
    const logger = trace.log;
    const lease = new Lease(systemClock);
    const client = createClient(ROUTES, { baseUrl: 'http://control', token: () => 'token', fetch });
    const registry = createRegistry({
      ...{ store, lease, log: logger, openSocket, openAuth: openModelAuth },
      ...{ budget: BUDGET, ...askControlPlane(client, workerId) },
      sink: createReportSink({ client, workerId, logger }),
      settings: {
        maxSessions: options.maxSessions,
        reconnect: { firstMs: 1_000, longestMs: 20_000, stableMs: 60_000 },
        whatsapp: { version: [2, 3_000, 1] },
      },
    });
    const readLoad = () => ({ cpuUsage: 10, memoryUsage: 20 });
    this.#handlers = createHandlers({
      registry,
      lifecycle: this.#lifecycle,
      readLoad,
      metrics: {
        observeRequest: () => undefined,
        countReport: () => undefined,
        render: async () => ({ contentType: '', text: '' }),
      },
      info: { workerId, version: '1', environment: 'TESTING', capabilities: [], baileysVersion: '7' },
    }) as unknown as Handlers;
    const membership = joinControlPlane({
      ...{ client, registry, lease, logger, readLoad },
      lifecycle: this.#lifecycle,
      queue: new ConvergeQueue(registry, logger),
      bucket: { name: BUCKET, store },
      identity: {
        ...{ workerId, endpoint: options.endpoint, protectsTask: options.protectsTask },
        ...{ version: '1', environment: 'TESTING', capabilities: [] },
      },
      clock: systemClock,
      random: Math.random,
      onBroken: options.onExit,
    });
    const server = {
      close: () => {
        this.isListening = false;
        return server as never;
      },
      closeIdleConnections: () => undefined,
    };
    this.#stop = () =>
      stopWorker({
        ...{ server, registry, protection: UNPROTECTED, logger },
        lifecycle: this.#lifecycle,
        controlPlane: { client, membership, workerId },
      });
  }

  /** As on SIGTERM: hands over, within a bound, and exits. */
  terminate(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    const { host, onExit } = this.#options;
    host.time.schedule(host, STOP_BOUND_MS, 'timer', onExit);
    host.run(() => this.#stop()).then(onExit, onExit);
  }

  onEnd(ended: () => void): () => void {
    this.#ended.add(ended);
    return () => this.#ended.delete(ended);
  }

  /** The process is gone: whoever waits for it learns that. */
  end(): void {
    this.isListening = false;
    for (const ended of [...this.#ended]) ended();
    this.host.time.kill(this.host);
  }

  /** As the product's HTTP edge does behind its token. */
  async serve(request: WireRequest): Promise<WireAnswer> {
    try {
      const found = matcher.match(request.method, request.path);
      const handle = found === undefined ? undefined : this.#handlers[found.route.id];
      if (found === undefined || handle === undefined)
        return { status: 404, headers: {}, body: 'Cannot POST' };
      const input = parseRequest(found.route, {
        params: found.params,
        query: {},
        contentType: 'application/json',
        body: request.body,
      });
      const reply = await handle(input);
      const [usual = 200] = found.route.statuses ?? [];
      const data = 'data' in reply ? reply.data : undefined;
      return { status: reply.status ?? usual, headers: {}, body: JSON.stringify({ success: true, data }) };
    } catch (thrown) {
      const { status, headers, body, expected } = renderError(thrown, 'r');
      if (!expected) this.#options.trace.log.error({ err: thrown }, 'a command failed unexpectedly');
      return { status, headers, body: JSON.stringify(body) };
    }
  }
}
