import type { Deps } from '../../../functions/deps.ts';
import { loadHandlers } from '../../../functions/handler-file.ts';
import type { Caller } from '../../../functions/http/caller.ts';
import { type HttpEvent, toRawRequest } from '../../../functions/http/http-event.ts';
import { answerOnce } from '../../../functions/http/idempotency.ts';
import type { Implementation } from '../../../functions/http/implement.ts';
import { type HttpResult, renderAnswer, renderFailure } from '../../../functions/http/render-answer.ts';
import { REQUEST_BUDGET_MS, withinDeadline } from '../../../functions/workers/calls/within-deadline.ts';
import { createPathMatcher } from '../../../shared/contract/match-path.ts';
import type { RouteDeclaration } from '../../../shared/contract/route.ts';
import { controlRoutes } from '../../../shared/control-routes.ts';
import { currentHost } from '../engine/host.ts';
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

/** Finds a request's route and has its handler answer, as the functions' edge does behind its authentication. */
export function createAnswering(
  time: VirtualTime,
): (request: ControlRequest, deps: Deps) => Promise<WireAnswer> {
  let requests = 0;
  return async (request, deps) => {
    requests += 1;
    const { caller } = request;
    const requestId = `r${requests}`;
    const found = findRoute(request);
    const handler = found === undefined ? undefined : handlers.get(found.route.id);
    if (found === undefined || handler === undefined)
      throw new Error(`There is no ${request.method} ${request.path}.`);
    const event = toEvent(request, found.params);
    const deadline = time.now + REQUEST_BUDGET_MS;
    const inTime = { ...deps, workers: withinDeadline(deps.workers, () => deadline - time.now) };
    const { route } = found;
    try {
      const result = await answerOnce({ route, event, caller, requestId }, deps, async (seed) => {
        const scope = { caller, requestId, log: deps.log, seed };
        return renderAnswer(route, await handler.respond(toRawRequest(event), scope, inTime), requestId);
      });
      return toWire(result);
    } catch (thrown) {
      const failure = renderFailure(thrown, requestId);
      if (!failure.expected)
        deps.log.error(
          { route: route.id, host: currentHost()?.name, err: thrown },
          'a request failed unexpectedly',
        );
      return toWire(failure);
    }
  };
}
