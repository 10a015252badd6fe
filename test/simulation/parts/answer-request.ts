import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Deps } from '../../../functions/deps.ts';
import { loadHandlers } from '../../../functions/handler-file.ts';
import type { Caller } from '../../../functions/http/caller.ts';
import { type HttpEvent, toRawRequest } from '../../../functions/http/http-event.ts';
import { type HttpRequest, openRequest, type Step } from '../../../functions/http/http-request.ts';
import { answerOnce } from '../../../functions/http/idempotency.ts';
import type { Implementation } from '../../../functions/http/implement.ts';
import { logRequests } from '../../../functions/http/log-requests.ts';
import { type HttpResult, renderAnswer } from '../../../functions/http/render-answer.ts';
import { REQUEST_BUDGET_MS, withinDeadline } from '../../../functions/workers/calls/within-deadline.ts';
import { createPathMatcher } from '../../../shared/contract/match-path.ts';
import type { RouteDeclaration } from '../../../shared/contract/route.ts';
import { controlRoutes } from '../../../shared/control-routes.ts';
import type { VirtualTime } from '../engine/virtual-time.ts';
import type { WireAnswer, WireRequest } from '../models/model-fetch.ts';

/** A request whose caller is known already: tokens are none of a simulation's business. */
export interface ControlRequest extends WireRequest {
  caller: Caller;
}

const matcher = createPathMatcher<RouteDeclaration>(controlRoutes);
const found = new Map<string, ReturnType<typeof matcher.match>>();

/** The few paths of a history are asked for thousands of times. */
function findRoute({ method, path }: Pick<WireRequest, 'method' | 'path'>) {
  const key = `${method} ${path}`;
  if (!found.has(key)) found.set(key, matcher.match(method, path));
  return found.get(key);
}
const handlers = new Map<string, Implementation>();

/** To be awaited before the first history: handlers are found by convention. */
export async function prepareHandlers(): Promise<void> {
  if (handlers.size > 0) return;
  for (const handler of await loadHandlers()) handlers.set(handler.route.id, handler);
}

/** The id of the route that a request of either API's client means. */
export const routeIdOf = (request: Pick<WireRequest, 'method' | 'path'>): string =>
  findRoute(request)?.route.id ?? 'none';

function toEvent({ method, path, headers, body }: WireRequest, params: Record<string, string>): HttpEvent {
  return {
    routeKey: `${method} ${path}`,
    rawPath: path,
    headers,
    pathParameters: params,
    isBase64Encoded: false,
    ...(body === undefined ? {} : { body }),
  };
}

const toWire = ({ statusCode, headers, body }: HttpResult): WireAnswer => ({
  status: statusCode,
  headers,
  body: body ?? '',
});

/** In place of the steps that find the route and the caller: both are known. */
const begin = (implementation: Implementation, caller: Caller): Step => ({
  before: ({ event: request }) => {
    request.found = implementation;
    request.caller = caller;
  },
});

/** Has a route's handler answer, as the functions' edge does behind its authentication and its limits. */
export function createAnswering(
  time: VirtualTime,
): (request: ControlRequest, deps: Deps) => Promise<WireAnswer> {
  return async (request, deps) => {
    const known = findRoute(request);
    const handler = known === undefined ? undefined : handlers.get(known.route.id);
    if (known === undefined || handler === undefined)
      throw new Error(`There is no ${request.method} ${request.path}.`);
    const handle = async ({
      event,
      caller = request.caller,
      requestId,
      log,
      deadline,
      hold,
      replay,
    }: HttpRequest) => {
      if (replay !== undefined) return replay;
      const workers = withinDeadline(deps.workers, () => deadline - time.now);
      const scope = { caller, requestId, log, seed: hold?.seed };
      const answer = await handler.respond(toRawRequest(event), scope, { ...deps, workers });
      return renderAnswer(known.route, answer, requestId);
    };
    const chain = middy<HttpRequest, HttpResult>(handle)
      .use(logRequests(deps))
      .use(begin(handler, request.caller))
      .use(answerOnce(deps));
    const opened = openRequest(toEvent(request, known.params), time.now + REQUEST_BUDGET_MS, deps);
    return toWire(await chain(opened, {} as Context));
  };
}
