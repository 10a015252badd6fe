import type { CallOptions } from '../../../shared/contract/client.ts';
import type { WorkerGateway } from './worker-gateway.ts';

/**
 * How long a request may wait for workers, all its calls together: Lambda ends it after 28 s, and API Gateway then
 * answers in its own shape.
 */
export const REQUEST_BUDGET_MS = 25_000;
/** A call with less than this would only leave open what it has done. */
const LEAST_MS = 1_000;

/** The code of a call that was not made. */
export const NO_TIME_LEFT = 'NO_TIME_LEFT';

const noTimeLeft = () =>
  Object.assign(new Error('There was no time left to ask the worker.'), { code: NO_TIME_LEFT });

/**
 * Workers that are waited for no longer than is left; once that is next to nothing, they are not called any more.
 * @param remainingMs until the request has to be answered
 */
export function withinDeadline(gateway: WorkerGateway, remainingMs: () => number): WorkerGateway {
  return (worker) =>
    new Proxy(gateway(worker), {
      get(client, name) {
        const call: unknown = Reflect.get(client, name);
        if (typeof call !== 'function') return call;
        return async (request: unknown, options: CallOptions = {}) => {
          // Whole: `AbortSignal.timeout` takes nothing else, and a monotonic clock gives fractions.
          const left = Math.floor(remainingMs());
          if (left < LEAST_MS) throw noTimeLeft();
          const timeoutMs = Math.min(options.timeoutMs ?? left, left);
          return await call(request, { ...options, timeoutMs });
        };
      },
    });
}
