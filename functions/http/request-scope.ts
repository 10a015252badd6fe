import type { MiddlewareObj } from '@middy/core';
import type { Logger } from 'pino';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Deps } from '../deps.ts';
import type { Caller } from './caller.ts';
import { type HttpEvent, requestIdOf } from './http-event.ts';
import { type HttpResult, renderFailure } from './render-answer.ts';

/** What is known of a request while it is answered. */
export interface RequestScope {
  requestId: string;
  log: Logger;
  startedAt: number;
  route: string | undefined;
  caller: Caller | undefined;
  /** For the answer, whichever it will be. */
  headers: Record<string, string>;
}

export interface RequestScopes {
  of(event: HttpEvent): RequestScope;
  middleware: MiddlewareObj<HttpEvent, HttpResult>;
}

function describeCaller(caller: Caller | undefined) {
  if (caller === undefined || caller.kind === 'public') return {};
  return { caller: caller.kind, ...('userId' in caller ? { userId: caller.userId } : {}) };
}

/**
 * Gives each request its id and its log, writes one line when it is answered, and turns what was thrown
 * into the one failure shape. Neither headers nor bodies are logged.
 */
export function createRequestScopes(
  deps: Pick<Deps, 'log' | 'now'>,
  methodsFor: (path: string) => string[],
): RequestScopes {
  const scopes = new WeakMap<HttpEvent, RequestScope>();

  function of(event: HttpEvent): RequestScope {
    const known = scopes.get(event);
    if (known !== undefined) return known;
    const requestId = requestIdOf(event);
    const scope: RequestScope = {
      ...{ requestId, log: deps.log.child({ requestId }), startedAt: deps.now() },
      ...{ route: undefined, caller: undefined, headers: {} },
    };
    scopes.set(event, scope);
    return scope;
  }

  const facts = (scope: RequestScope, status: number) => ({
    route: scope.route,
    ...describeCaller(scope.caller),
    status,
    durationMs: deps.now() - scope.startedAt,
  });

  return {
    of,
    middleware: {
      before: ({ event }) => {
        of(event);
      },
      after: ({ event, response }) => {
        const scope = of(event);
        scope.log.info(facts(scope, response?.statusCode ?? 0), 'answered');
      },
      onError: (request) => {
        const scope = of(request.event);
        const thrown: unknown = request.error;
        const wrongMethod = thrown instanceof AppError && thrown.code === 'METHOD_NOT_ALLOWED';
        const allow: Record<string, string> = wrongMethod
          ? { allow: methodsFor(request.event.rawPath).join(', ') }
          : {};
        const { expected, code, ...response } = renderFailure(thrown, scope.requestId, {
          ...scope.headers,
          ...allow,
        });
        const line = { ...facts(scope, response.statusCode), code };
        if (!expected) scope.log.error({ ...line, err: thrown }, 'failed unexpectedly');
        else if (response.statusCode >= 500) scope.log.warn({ ...line, err: thrown }, 'failed');
        else scope.log.info(line, 'refused');
        request.response = response;
      },
    },
  };
}
