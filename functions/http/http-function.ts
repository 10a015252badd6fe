import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { createPathMatcher } from '../../shared/contract/match-path.ts';
import { type RouteDeclaration, routeKeys } from '../../shared/contract/route.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Deps } from '../deps.ts';
import { REQUEST_BUDGET_MS, withinDeadline } from '../workers/calls/within-deadline.ts';
import { authenticate } from './authenticate.ts';
import { type HttpEvent, headerOf, sourceAddressOf, toRawRequest } from './http-event.ts';
import { answerOnce } from './idempotency.ts';
import type { Implementation } from './implement.ts';
import { limitRequest, refuseAgain } from './rate-limit.ts';
import { RecentRefusals } from './recent-refusals.ts';
import { type HttpResult, renderAnswer } from './render-answer.ts';
import { createRequestScopes } from './request-scope.ts';

export type HttpFunction = (event: HttpEvent, context?: Partial<Context>) => Promise<HttpResult>;

/**
 * One Lambda function for a group's routes: finds the route by API Gateway's route key, authenticates,
 * counts the request against its limits, validates, answers once per Idempotency-Key; every failure leaves in the one shape.
 * @param knownRoutes tell an unknown path from a wrong method; its own where other requests never come here
 * @param clock in milliseconds, never set back
 */
export function httpFunction(
  implementations: readonly Implementation[],
  deps: Deps,
  knownRoutes: readonly RouteDeclaration[] = implementations.map(({ route }) => route),
  clock: () => number = () => performance.now(),
): HttpFunction {
  const byKey = new Map(implementations.flatMap((each) => routeKeys(each.route).map((key) => [key, each])));
  const { methodsFor } = createPathMatcher(knownRoutes);
  const refusals = new RecentRefusals(deps.now);
  const scopes = createRequestScopes(deps, methodsFor);

  /** What a handler works with: its workers answer in time for an answer of our own. */
  const inTime = (deadline: number): Deps => ({
    ...deps,
    workers: withinDeadline(deps.workers, () => deadline - clock()),
  });

  async function respond(event: HttpEvent): Promise<HttpResult> {
    const deadline = clock() + REQUEST_BUDGET_MS;
    const scope = scopes.of(event);
    const found = byKey.get(event.routeKey);
    // API Gateway sends what no route is for to `$default`.
    if (found === undefined) {
      const methods = methodsFor(event.rawPath);
      if (methods.length > 0)
        throw new AppError('METHOD_NOT_ALLOWED', `This path knows ${methods.join(', ')} only.`);
      throw new AppError('NOT_FOUND', 'There is no such route. GET /api/v1/openapi.json lists all.');
    }
    const { route } = found;
    scope.route = route.id;
    const authorization = headerOf(event, 'authorization');
    const refusal = route.callers.includes('public') ? undefined : refusals.of(authorization);
    scope.caller = refusal?.caller;
    if (refusal !== undefined) refuseAgain(refusal, deps, scope.headers);
    const caller = await authenticate(authorization, route.callers, deps);
    scope.caller = caller;
    const sourceAddress = sourceAddressOf(event);
    const { requestId, log, headers } = scope;
    const onRefused = (retryAfterMs: number) =>
      refusals.remember(authorization ?? '', { caller, retryAfterMs, headers });
    await limitRequest({ route, caller, sourceAddress, onRefused }, deps, headers);
    const result = await answerOnce({ route, event, caller, requestId }, deps, async (seed) => {
      const handled = { caller, requestId, log, sourceAddress, seed };
      return renderAnswer(
        route,
        await found.respond(toRawRequest(event), handled, inTime(deadline)),
        requestId,
      );
    });
    return { ...result, headers: { ...result.headers, ...scope.headers } };
  }
  const chain = middy<HttpEvent, HttpResult>(respond).use(scopes.middleware);
  return (event, context = {}) => chain(event, context as Context);
}
