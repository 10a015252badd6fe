import type { CallOptions } from '../../../shared/contract/client.ts';
import type { WorkerGateway } from './worker-gateway.ts';

/**
 * Time that all worker calls of one request share: Lambda ends the request after 28 s, and API Gateway then
 * answers in its own shape.
 */
export const REQUEST_BUDGET_MS = 25_000;
/** A call with less time than this would most likely end as unknown. */
const LEAST_MS = 1_000;

/** The code of a call that was not made for want of time. */
export const NO_TIME_LEFT = 'NO_TIME_LEFT';

const noTimeLeft = () =>
  Object.assign(new Error('There was no time left to ask the worker.'), { code: NO_TIME_LEFT });

/**
 * Limits calls of workers to the time that is left, and makes none once too little is left.
 * @param remainingMs until the request has to be answered
 */
export function withinDeadline(gateway: WorkerGateway, remainingMs: () => number): WorkerGateway {
  return (worker) =>
    new Proxy(gateway(worker), {
      get(client, name) {
        const call: unknown = Reflect.get(client, name);
        if (typeof call !== 'function') return call;
        return async (request: unknown, options: CallOptions = {}) => {
          // `AbortSignal.timeout` takes whole milliseconds only, and a monotonic clock gives fractions.
          const left = Math.floor(remainingMs());
          if (left < LEAST_MS) throw noTimeLeft();
          const timeoutMs = Math.min(options.timeoutMs ?? left, left);
          return await call(request, { ...options, timeoutMs });
        };
      },
    });
}
