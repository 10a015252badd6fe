import type { SignatureV4 } from '@smithy/signature-v4';

/** An HTTP request as the signer takes it. */
export interface SignableRequest {
  method: string;
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body?: string;
}

export interface CallInit {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: string;
}

/** @param base where to: its path is taken as it is, encoded once */
export function describeRequest(
  base: URL,
  { method, query = {}, headers = {}, body }: CallInit,
): SignableRequest {
  return {
    method,
    protocol: base.protocol,
    hostname: base.hostname,
    ...(base.port === '' ? {} : { port: Number(base.port) }),
    path: base.pathname,
    query,
    headers: { ...headers, host: base.host },
    ...(body === undefined ? {} : { body }),
  };
}

/** With spaces as `%20`: what is sent must read as what was signed. */
export function urlOf(
  request: Omit<SignableRequest, 'method' | 'headers' | 'query'> & { query?: unknown },
): string {
  const url = new URL(`${request.protocol}//${request.hostname}${request.path}`);
  if (request.port !== undefined) url.port = String(request.port);
  url.search = Object.entries((request.query ?? {}) as Record<string, string>)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  return url.href;
}

export interface FetchContext {
  signer: SignatureV4;
  signal: AbortSignal;
  fetch?: typeof globalThis.fetch;
}

/** One signed request, tried once; any status is an answer. */
export async function signedFetch(
  base: URL,
  init: CallInit,
  { signer, signal, fetch = globalThis.fetch }: FetchContext,
): Promise<Response> {
  const request = describeRequest(base, init);
  const { host: _, ...headers } = (await signer.sign(request)).headers;
  return fetch(urlOf(request), {
    method: init.method,
    headers,
    signal,
    ...(init.body === undefined ? {} : { body: init.body }),
  });
}
