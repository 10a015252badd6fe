import type { Deps } from '../deps.ts';
import type { Caller } from './caller.ts';
import type { HttpRequest, Step } from './http-request.ts';
import { renderFailure } from './render-answer.ts';

function describeCaller(caller: Caller | undefined) {
  if (caller === undefined || caller.kind === 'public') return {};
  return { caller: caller.kind, ...('userId' in caller ? { userId: caller.userId } : {}) };
}

/**
 * Writes one line for each request when it is answered, and turns whatever was thrown into the one failure shape.
 * Neither headers nor bodies are logged.
 */
export function logRequests({ now }: Pick<Deps, 'now'>): Step {
  const facts = ({ found, caller, startedAt }: HttpRequest, status: number) => ({
    route: found?.route.id,
    ...describeCaller(caller),
    status,
    durationMs: now() - startedAt,
  });
  return {
    after: ({ event: request, response }) => {
      request.log.info(facts(request, response?.statusCode ?? 0), 'answered');
      if (response) Object.assign(response.headers, request.headers);
    },
    onError: (failed) => {
      const { event: request } = failed;
      const thrown: unknown = failed.error;
      const { expected, code, ...response } = renderFailure(thrown, request.requestId, request.headers);
      const line = { ...facts(request, response.statusCode), code };
      if (!expected) request.log.error({ ...line, err: thrown }, 'failed unexpectedly');
      else if (response.statusCode >= 500) request.log.warn({ ...line, err: thrown }, 'failed');
      else request.log.info(line, 'refused');
      failed.response = response;
    },
  };
}
