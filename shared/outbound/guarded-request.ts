import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { checkHost, type Resolve, type ResolvedAddress, resolveAll } from './check-address.ts';
import { findUrlFault, type OutboundPolicy } from './outbound-policy.ts';

export interface GuardedRequest {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** Milliseconds for everything together: resolving, connecting, sending, and reading the answer. */
  timeoutMs: number;
  /** How much of the answer is read. */
  maxResponseBytes: number;
}

/** Why there is no answer; `reason` is a sentence that names no address. */
export interface GuardFailure {
  outcome: 'refused' | 'timeout' | 'failed';
  reason: string;
}

/** Expected outcomes are values. */
export type GuardedAnswer =
  | { outcome: 'answered'; status: number; headers: Record<string, string>; body: Buffer }
  | GuardFailure;

export type GuardedFetch = (request: GuardedRequest) => Promise<GuardedAnswer>;

type OpenRequest = Omit<GuardedRequest, 'maxResponseBytes'>;

/** Reads an answer's body itself, within the request's time; what it does not read is dropped. */
export type ReadAnswer<T> = (answer: {
  status: number;
  headers: Record<string, string>;
  body: AsyncIterable<Buffer>;
}) => Promise<T>;

/** Whatever `read` throws is thrown, but for faults of the connection. */
export type GuardedRead = <T>(
  request: OpenRequest,
  read: ReadAnswer<T>,
) => Promise<{ outcome: 'answered'; value: T } | GuardFailure>;

export interface GuardOptions {
  policy: OutboundPolicy;
  resolve?: Resolve;
}

const NOT_ALLOWED = 'The URL leads to a private or unknown address, which is not allowed.';

/** Requests as `createGuardedRead` makes them, with the first bytes of the answer. */
export function createGuardedFetch(options: GuardOptions): GuardedFetch {
  const read = createGuardedRead(options);
  return async (request) => {
    const answer = await read(request, async ({ status, headers, body }) => ({
      status,
      headers,
      body: await readHead(body, request.maxResponseBytes),
    }));
    return answer.outcome === 'answered' ? { outcome: 'answered', ...answer.value } : answer;
  };
}

/**
 * Makes requests to URLs that others chose. The name is resolved here, every address is checked, and the
 * connection goes to the checked addresses: a second DNS answer cannot lead elsewhere. Redirects are never
 * followed.
 */
export function createGuardedRead({ policy, resolve = resolveAll }: GuardOptions): GuardedRead {
  return async (request, read) => {
    const fault = findUrlFault(request.url, policy);
    if (fault !== undefined) return { outcome: 'refused', reason: `The URL is not allowed: ${fault}.` };
    const url = new URL(request.url);
    const signal = AbortSignal.timeout(request.timeoutMs);
    const failure = (thrown: unknown): GuardFailure =>
      signal.aborted
        ? { outcome: 'timeout', reason: `No answer within ${request.timeoutMs / 1000} s.` }
        : { outcome: 'failed', reason: describeFailure(thrown) };
    let response: IncomingMessage;
    try {
      const addresses = await orAbort(checkHost(url.hostname, resolve, policy.allowPrivate), signal);
      if (addresses === undefined) return { outcome: 'refused', reason: NOT_ALLOWED };
      response = await send(url, request, addresses, signal);
    } catch (thrown) {
      return failure(thrown);
    }
    try {
      const { statusCode: status = 0 } = response;
      const value = await read({ status, headers: textHeaders(response), body: bodyOf(response, signal) });
      return { outcome: 'answered', value };
    } catch (thrown) {
      if (thrown instanceof Interrupted) return failure(thrown.cause);
      throw thrown;
    } finally {
      response.destroy();
    }
  };
}

/** The connection broke, or its time was over, while the answer was read. */
class Interrupted extends Error {}

async function* bodyOf(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      yield chunk;
    }
  } catch (cause) {
    throw new Interrupted('The answer broke off.', { cause });
  }
}

function send(
  url: URL,
  { method, headers, body }: OpenRequest,
  addresses: ResolvedAddress[],
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const lookup: LookupFunction = (_hostname, { all }, callback) => {
    const [first] = addresses;
    if (all) callback(null, addresses);
    else if (first !== undefined) callback(null, first.address, first.family);
  };
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    // No agent: a pooled connection might lead to an address of an earlier check.
    const options = { method, lookup, signal, agent: false, headers: { ...headers, ...length } };
    const outgoing: ClientRequest = open(url, options, resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Reads the first bytes, and cuts off a body without an end. */
async function readHead(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

function textHeaders({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : `${value}`,
    ]),
  );
}

const FAILURES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'The host’s name cannot be resolved.',
  EAI_AGAIN: 'The host’s name cannot be resolved just now.',
  ECONNREFUSED: 'The host refuses the connection.',
  ECONNRESET: 'The host closed the connection without an answer.',
  EPIPE: 'The host closed the connection without an answer.',
  ENETUNREACH: 'The host cannot be reached.',
  EHOSTUNREACH: 'The host cannot be reached.',
  CERT_HAS_EXPIRED: 'The host’s certificate has expired.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The host’s certificate is self-signed.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The host’s certificate is self-signed.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The host’s certificate cannot be verified.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The host’s certificate is for another name.',
};

function describeFailure(thrown: unknown): string {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : '';
  return FAILURES[code] ?? 'The connection failed.';
}

function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
