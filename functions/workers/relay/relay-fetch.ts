import { isPrivateAddress, RelayAnswer, type RelayCall } from './relay-call.ts';

export interface RelayFetchOptions {
  /** Invokes the relay with a payload and returns its payload. */
  invoke: (payload: string, signal: AbortSignal | undefined) => Promise<string>;
  /** Calls workers with public names directly. */
  direct?: typeof fetch;
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'] as const;

/** Throws what undici would: a TypeError whose cause says whether the call got there. */
function connectionFailed(code: string | undefined, message: string): TypeError {
  return new TypeError('fetch failed', {
    cause: Object.assign(new Error(message), code === undefined ? {} : { code }),
  });
}

function toCall(url: URL, init: RequestInit): RelayCall {
  const headers = new Headers(init.headers);
  const method = METHODS.find((each) => each === (init.method ?? 'GET'));
  if (method === undefined) throw new TypeError(`the relay carries no ${init.method}`);
  const token = headers.get('authorization')?.replace(/^Bearer /, '');
  const requestId = headers.get('x-request-id');
  return {
    url: url.href,
    method,
    ...(token === undefined ? {} : { token }),
    ...(requestId === null ? {} : { requestId }),
    ...(typeof init.body === 'string' ? { body: init.body } : {}),
  };
}

/**
 * A `fetch` for the worker API: private addresses through the relay, others directly and by https only, since
 * the call carries the token.
 */
export function createRelayFetch({ invoke, direct = fetch }: RelayFetchOptions): typeof fetch {
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (!isPrivateAddress(url.hostname)) {
      if (url.protocol === 'https:') return direct(input, init);
      throw connectionFailed('ENOTFOUND', 'workers outside the VPC are called by https only');
    }
    const payload = await invoke(JSON.stringify(toCall(url, init)), init.signal ?? undefined);
    const answer = RelayAnswer.parse(JSON.parse(payload));
    if (answer.outcome === 'failed') throw connectionFailed(answer.code, answer.message);
    const body = Buffer.from(answer.body, 'base64');
    return new Response(body.length === 0 ? null : body, { status: answer.status, headers: answer.headers });
  };
}
