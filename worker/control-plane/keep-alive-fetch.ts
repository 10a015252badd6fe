import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/**
 * The built-in `fetch` drops idle connections after 4 s, heartbeats come every 10 s, and a QR code should
 * not wait for a TLS handshake: so connections are kept for as long as API Gateway keeps them.
 */
const IDLE_MS = 55_000;
const MAX_SOCKETS = 64;
/** Answers of the control plane are small; anything near this is not one. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

async function readAll(response: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > MAX_ANSWER_BYTES) throw new TypeError('The control plane’s answer is too large.');
    chunks.push(chunk);
  }
  return Uint8Array.from(Buffer.concat(chunks));
}

function toHeaders(response: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(response.headersDistinct))
    for (const value of values ?? []) headers.append(name, value);
  return headers;
}

const isNullBody = (status: number) => status === 204 || status === 205 || status === 304;

interface Call {
  url: URL;
  options: RequestOptions;
  body: string | undefined;
}

/** One try; `stale` where a kept connection turned out to have been closed by the other side. */
function attempt({ url, options, body }: Call): Promise<Response | 'stale'> {
  const { promise, resolve, reject } = Promise.withResolvers<Response | 'stale'>();
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = open(url, options, (response) => {
    const status = response.statusCode ?? 0;
    readAll(response).then(
      (bytes) =>
        resolve(new Response(isNullBody(status) ? null : bytes, { status, headers: toHeaders(response) })),
      reject,
    );
  });
  request.on('error', (error: NodeJS.ErrnoException) => {
    if (request.reusedSocket && error.code === 'ECONNRESET') resolve('stale');
    else reject(error);
  });
  request.end(body);
  return promise;
}

/** A `fetch` for JSON calls whose connections stay open between them; `close` ends the idle ones. */
export function createKeepAliveFetch(): { fetch: typeof fetch; close(): void } {
  const settings = {
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    timeout: IDLE_MS,
    scheduling: 'lifo',
  } as const;
  const agents = { 'http:': new HttpAgent(settings), 'https:': new HttpsAgent(settings) };
  const keptFetch: typeof fetch = async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const agent = url.protocol === 'https:' ? agents['https:'] : agents['http:'];
    const headers = Object.fromEntries(new Headers(init.headers));
    const body = typeof init.body === 'string' ? init.body : undefined;
    if (body !== undefined) headers['content-length'] = String(Buffer.byteLength(body));
    const options = { method: init.method, headers, agent, signal: init.signal ?? undefined };
    for (;;) {
      const response = await attempt({ url, options, body });
      if (response !== 'stale') return response;
    }
  };
  return {
    fetch: keptFetch,
    close: () => {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}
