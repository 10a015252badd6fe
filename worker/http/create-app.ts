import { randomUUID } from 'node:crypto';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { Logger } from 'pino';
import { createPathMatcher } from '../../shared/contract/match-path.ts';
import { parseRequest } from '../../shared/contract/parse-request.ts';
import { DEFAULT_MAX_BODY_BYTES } from '../../shared/contract/route.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { workerRoutes } from '../../shared/workers/api/routes.ts';
import type { ByteBudget } from '../sessions/byte-budget.ts';
import { createBearerCheck } from './authorize.ts';
import { createHandlers, type HandlerDeps } from './handlers.ts';
import { renderFailure } from './render-failure.ts';
import type { Reply, WorkerHandlers, WorkerRoute } from './reply.ts';

export interface AppDeps extends HandlerDeps {
  tokens: readonly string[];
  logger: Logger;
  /** The process's budget: large bodies take their part of it. */
  budget: ByteBudget;
  /** Requests at the same time; more are asked to come back. */
  maxInFlight?: number;
}

const DEFAULT_MAX_IN_FLIGHT = 1000;
const REQUEST_ID = /^[\w.:/+=-]{1,128}$/;

/** Takes the caller's request id where it is safe, so that one id runs through every log. */
function takeRequestId(request: Request, response: Response, next: NextFunction): void {
  const given = request.get('x-request-id');
  const requestId = given !== undefined && REQUEST_ID.test(given) ? given : randomUUID();
  response.locals['requestId'] = requestId;
  response.set('x-request-id', requestId);
  next();
}

const requestIdOf = (response: Response) => String(response.locals['requestId']);

/** Logs one line per request: its route and its outcome, never its content. */
function observe({ logger, metrics }: AppDeps) {
  return (request: Request, response: Response, next: NextFunction) => {
    const start = performance.now();
    response.once('close', () => {
      const durationMs = Math.round((performance.now() - start) * 10) / 10;
      const route = String(response.locals['routeId'] ?? 'unknown');
      const status = response.writableFinished ? response.statusCode : 499;
      metrics.observeRequest({ route, status, durationMs });
      const level = status >= 500 ? 'warn' : request.method === 'GET' ? 'debug' : 'info';
      logger[level](
        { requestId: requestIdOf(response), route, method: request.method, status, durationMs },
        'request',
      );
    });
    next();
  };
}

function boundInFlight(most: number) {
  let inFlight = 0;
  return (_request: Request, response: Response, next: NextFunction) => {
    if (inFlight >= most) throw new AppError('RATE_LIMITED', 'This worker is busy; try again in a moment.');
    inFlight += 1;
    response.once('close', () => {
      inFlight -= 1;
    });
    next();
  };
}

function readQuery(request: Request): Record<string, string | undefined> {
  const { searchParams } = new URL(request.originalUrl, 'http://worker');
  return Object.fromEntries(searchParams);
}

function respond(route: WorkerRoute, reply: Reply<unknown>, response: Response): void {
  const [usual = 200] = 'statuses' in route ? route.statuses : [200];
  response.status(reply.status ?? usual);
  if ('raw' in reply) response.set('content-type', reply.raw.contentType).send(reply.raw.text);
  else response.json({ success: true, data: reply.data, message: reply.message });
}

/** The steps of a route, in order: token, readiness, body; nothing is read before the token is checked. */
function serve(
  route: WorkerRoute,
  handlers: WorkerHandlers,
  budget: ByteBudget,
  check: (authorization: string | undefined) => void,
) {
  // The table pairs each route with its own handler, which a loop cannot express to the compiler.
  const handle = handlers[route.id] as (request: unknown) => Promise<Reply<unknown>>;
  const limit = 'maxBodyBytes' in route ? route.maxBodyBytes : DEFAULT_MAX_BODY_BYTES;
  const readBody = express.text({ type: () => true, limit });
  const admit = (request: Request, response: Response, next: NextFunction) => {
    response.locals['routeId'] = route.id;
    if (!(route.callers as readonly string[]).includes('public')) check(request.get('authorization'));
    next();
  };
  const answer = async (request: Request, response: Response) => {
    const body: unknown = request.body;
    const input = parseRequest(route, {
      params: request.params as Record<string, string>,
      query: readQuery(request),
      contentType: request.get('content-type'),
      body: typeof body === 'string' ? body : undefined,
    });
    respond(route, await handle(input), response);
  };
  return [admit, reserveBody(budget, limit), readBody, answer];
}

/** A body is in memory as text, as parsed JSON, and as the file that may be in it. */
const BODY_COPIES = 3;
const SMALL_BYTES = 64 * 1024;
const BODY_WAIT_MS = 5_000;

/** Large bodies are read only where the budget has room; each session has a share of it, as for files. */
function reserveBody(budget: ByteBudget, limit: number) {
  return async (request: Request, response: Response, next: NextFunction) => {
    const declared = Number(request.get('content-length') ?? (request.method === 'GET' ? 0 : limit));
    if (declared > SMALL_BYTES && declared <= limit) {
      const owner = String(request.params['sessionId'] ?? '');
      const room = await budget.reserve(owner, declared * BODY_COPIES, { waitMs: BODY_WAIT_MS });
      if (response.closed) room.release();
      else response.once('close', room.release);
    }
    next();
  };
}

const toExpressPath = (path: string) => path.replace(/\{(\w+)\}/g, ':$1');

/** The worker's HTTP edge, made from its route table. */
export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', false);
  app.enable('case sensitive routing').enable('strict routing');
  app.use(takeRequestId, observe(deps), boundInFlight(deps.maxInFlight ?? DEFAULT_MAX_IN_FLIGHT));
  const check = createBearerCheck(deps.tokens);
  const handlers = createHandlers(deps);
  for (const route of workerRoutes) {
    const paths = [route.path, ...('aliases' in route ? route.aliases : [])].map(toExpressPath);
    const method = route.method.toLowerCase() as 'get' | 'post' | 'put' | 'delete';
    app[method](paths, ...serve(route, handlers, deps.budget, check));
  }
  const matcher = createPathMatcher<WorkerRoute>(workerRoutes);
  app.use((request, response) => {
    const allowed = matcher.methodsFor(request.path);
    if (allowed.length === 0) throw new AppError('NOT_FOUND', 'There is nothing under this address.');
    response.set('allow', allowed.join(', '));
    throw new AppError('METHOD_NOT_ALLOWED', `Use ${allowed.join(' or ')} here.`);
  });
  app.use((thrown: unknown, _request: Request, response: Response, _next: NextFunction) =>
    renderFailure(thrown, requestIdOf(response), response, deps.logger),
  );
  return app;
}
