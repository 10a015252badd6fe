import { createPathMatcher } from '../../shared/contract/match-path.ts';
import { type RouteDeclaration, routeKeys } from '../../shared/contract/route.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Step } from './http-request.ts';
import type { Implementation } from './implement.ts';

/**
 * Finds the implementation by API Gateway's route key.
 * @param knownRoutes tell an unknown path from a wrong method: API Gateway sends what no route is for to `$default`
 * @throws AppError NOT_FOUND, METHOD_NOT_ALLOWED
 */
export function findRoute(
  implementations: readonly Implementation[],
  knownRoutes: readonly RouteDeclaration[],
): Step {
  const byKey = new Map(implementations.flatMap((each) => routeKeys(each.route).map((key) => [key, each])));
  const { methodsFor } = createPathMatcher(knownRoutes);
  return {
    before: ({ event: request }) => {
      const { routeKey, rawPath } = request.event;
      const found = byKey.get(routeKey);
      if (found === undefined) {
        const methods = methodsFor(rawPath);
        if (methods.length === 0)
          throw new AppError('NOT_FOUND', 'There is no such route. GET /api/v1/openapi.json lists all.');
        request.headers['allow'] = methods.join(', ');
        throw new AppError('METHOD_NOT_ALLOWED', `This path knows ${methods.join(', ')} only.`);
      }
      request.found = found;
    },
  };
}
