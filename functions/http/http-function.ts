import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { RouteDeclaration } from '../../shared/contract/route.ts';
import type { Deps } from '../deps.ts';
import { REQUEST_BUDGET_MS, withinDeadline } from '../workers/calls/within-deadline.ts';
import { authenticateCaller } from './authenticate.ts';
import { findRoute } from './find-route.ts';
import { addressOf, type HttpEvent, sourceAddressOf, toRawRequest } from './http-event.ts';
import { type HttpRequest, openRequest, required } from './http-request.ts';
import { answerOnce } from './idempotency.ts';
import type { Implementation } from './implement.ts';
import { logRequests } from './log-requests.ts';
import { limitRequests } from './rate-limit.ts';
import { RecentRefusals } from './recent-refusals.ts';
import { type HttpResult, renderAnswer } from './render-answer.ts';

export type HttpFunction = (event: HttpEvent, context?: Partial<Context>) => Promise<HttpResult>;

/**
 * One Lambda function for a group's routes; the chain at its end lists the steps that each request takes.
 * @param knownRoutes tell an unknown path from a wrong method; its own where other requests never come here
 * @param clock in milliseconds, never set back
 */
export function httpFunction(
  implementations: readonly Implementation[],
  deps: Deps,
  knownRoutes: readonly RouteDeclaration[] = implementations.map(({ route }) => route),
  clock: () => number = () => performance.now(),
): HttpFunction {
  async function handle(request: HttpRequest): Promise<HttpResult> {
    if (request.replay !== undefined) return request.replay;
    const { event, requestId, log, deadline, hold } = request;
    const { route, respond } = required(request, 'found');
    const scope = {
      ...{ caller: required(request, 'caller'), requestId, log },
      ...{ sourceAddress: sourceAddressOf(event), address: addressOf(event), seed: hold?.seed },
    };
    // Workers have to answer while there is time for an answer of our own.
    const workers = withinDeadline(deps.workers, () => deadline - clock());
    return renderAnswer(route, await respond(toRawRequest(event), scope, { ...deps, workers }), requestId);
  }

  const refusals = new RecentRefusals(deps.now);
  const chain = middy<HttpRequest, HttpResult>(handle)
    .use(logRequests(deps))
    .use(findRoute(implementations, knownRoutes))
    .use(authenticateCaller(deps, refusals))
    .use(limitRequests(deps, refusals))
    .use(answerOnce(deps));
  return (event, context = {}) =>
    chain(openRequest(event, clock() + REQUEST_BUDGET_MS, deps), context as Context);
}
