import { type Host, requireHost } from '../engine/host.ts';
import type { ModelNetwork, Way } from './model-network.ts';

export interface WireRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

export interface WireAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Who takes a request when it arrives. */
export interface Listener {
  host: Host;
  serve(request: WireRequest): Promise<WireAnswer>;
  /** Calls back where it ends before it has answered; answers the function that stops that. */
  onEnd(ended: () => void): () => void;
}

export interface Route {
  way: Way;
  /** At the moment of arrival; `undefined` where nobody listens. */
  listener: () => Listener | undefined;
  /** For whoever looks on, with when the request was sent. */
  onAnswer?: (answer: WireAnswer, sentAt: number) => void;
}

const NO_WAY_MS = 400;

const failure = (code: string) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });

/** The parts of a `Response` that the product's client reads. */
function toResponse({ status, headers, body }: WireAnswer): Response {
  const shown = {
    ok: status >= 200 && status < 300,
    status,
    headers: { get: (name: string) => headers[name] ?? null },
    text: async () => body,
  };
  return shown as unknown as Response;
}

/**
 * A `fetch` over the simulated network: each leg of a request takes its time, may be lost, and the request may arrive
 * twice. Whoever has asked waits until its own signal ends that.
 */
export function createModelFetch(
  network: ModelNetwork,
  routeOf: (request: WireRequest, url: URL) => Route,
): typeof fetch {
  return (input, init = {}) => {
    const caller = requireHost();
    const { time } = caller;
    const url = new URL(String(input));
    const request: WireRequest = {
      method: init.method ?? 'GET',
      path: url.pathname,
      headers: (init.headers ?? {}) as Record<string, string>,
      body: typeof init.body === 'string' ? init.body : undefined,
    };
    const { way, listener, onAnswer } = routeOf(request, url);
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const { signal } = init;
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    const tell = (delayMs: number, settle: () => void) => time.schedule(caller, delayMs, 'io', settle);
    const sentAt = time.now;

    const serve = (there: Listener, answers: boolean) => {
      const stop = there.onEnd(() => answers && tell(1, () => reject(failure('ECONNRESET'))));
      const served = there.host.run(() => there.serve(request)).finally(stop);
      if (!answers) return void served.catch(() => undefined);
      served.then(
        (answer) => {
          const { delayMs, isLost } = network.pass(way, 'answer');
          if (isLost) return;
          tell(delayMs, () => {
            if (signal?.aborted === true) return;
            onAnswer?.(answer, sentAt);
            resolve(toResponse(answer));
          });
        },
        (thrown) => tell(1, () => reject(thrown)),
      );
    };
    const arrive = (answers: boolean) => {
      const there = listener();
      if (there === undefined) {
        if (answers) tell(1, () => reject(failure('ECONNREFUSED')));
      } else if (there.host.isPaused) time.schedule(there.host, 0, 'io', () => serve(there, answers));
      else serve(there, answers);
    };
    const travel = (afterMs: number, answers: boolean) =>
      time.schedule(network.host, afterMs, 'io', () => arrive(answers));

    const { delayMs, isLost } = network.pass(way, 'request');
    if (isLost) {
      if (network.isRefused(way)) tell(NO_WAY_MS, () => reject(failure('EHOSTUNREACH')));
      return promise;
    }
    travel(delayMs, true);
    const again = network.repeatsAfter(way);
    if (again !== undefined) travel(delayMs + again, false);
    return promise;
  };
}
