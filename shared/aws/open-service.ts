import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import type { SignatureV4 } from '@smithy/signature-v4';
import type { BackOff } from '../retry/back-off.ts';
import { waitBackOff } from '../retry/back-off.ts';
import { AwsFailure, type ServiceAnswer } from './aws-failure.ts';
import { type Credentials, createSigner } from './create-signer.ts';
import { describeRequest, urlOf } from './signed-fetch.ts';

export interface ServiceOptions {
  /** As signatures name it: `dynamodb`, `sqs`, `execute-api`. */
  service: string;
  region: string;
  endpoint: string;
  credentials: () => Promise<Credentials>;
  attempts: number;
  /** Of one attempt, from connecting to the last byte of the answer. */
  attemptTimeoutMs: number;
  /** Before the second attempt; doubled before each further one. */
  backOff?: BackOff;
}

/** Where a service of AWS is, and in whose name it is called. */
export interface AwsPlace extends Pick<ServiceOptions, 'region' | 'credentials'> {
  /** Of an emulator; AWS's own where absent. */
  endpoint: string | undefined;
}

export interface ServiceRequest {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below the endpoint's own path, encoded once. */
  path?: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal | undefined;
}

/** One service of AWS. */
export interface Service {
  /** @throws AwsFailure for answers of 300 and above, and for what never got an answer, once retries are over */
  send(request: ServiceRequest): Promise<ServiceAnswer>;
  /** Closes idle connections. */
  close(): void;
}

const MAX_SOCKETS = 64;
const BACK_OFF: BackOff = { firstMs: 50, longestMs: 2_000 };

/**
 * Calls of AWS without its clients, which weigh 200 KB together in each Lambda bundle: HTTP, signed by the
 * SDK's own signer. Connections are kept, in contrast to `fetch`, which drops them after four idle seconds:
 * a function that is called now and then would greet DynamoDB anew each time.
 */
export function openService(options: ServiceOptions): Service {
  const { attempts, attemptTimeoutMs, backOff = BACK_OFF } = options;
  const base = new URL(options.endpoint);
  const secure = base.protocol === 'https:';
  const agentOptions = { keepAlive: true, maxSockets: MAX_SOCKETS };
  const agent = secure ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
  const open = secure ? requestHttps : requestHttp;
  const signer = createSigner(options);

  async function attempt(signed: SignedRequest, request: ServiceRequest): Promise<ServiceAnswer> {
    const timeOut = AbortSignal.timeout(attemptTimeoutMs);
    const signal = request.signal === undefined ? timeOut : AbortSignal.any([request.signal, timeOut]);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const { method, body } = request;
      const outgoing = open(signed.url, { method, headers: signed.headers, agent, signal }, resolve);
      outgoing.on('error', reject);
      outgoing.end(body);
    });
    return { status: response.statusCode ?? 0, headers: response.headers, text: await text(response) };
  }

  async function tryOnce(request: ServiceRequest): Promise<ServiceAnswer | AwsFailure> {
    const url = new URL(base.pathname.replace(/\/$/, '') + (request.path ?? '/'), base);
    const signed = await sign(signer, url, request);
    try {
      const answer = await attempt(signed, request);
      return answer.status < 300 ? answer : AwsFailure.answered(answer);
    } catch (thrown) {
      return AwsFailure.unanswered(thrown);
    }
  }

  return {
    async send(request) {
      for (let failures = 0; ; failures += 1) {
        const outcome = await tryOnce(request);
        if (!(outcome instanceof AwsFailure)) return outcome;
        const last = failures + 1 >= attempts || request.signal?.aborted === true;
        if (last || !outcome.transient) throw outcome;
        await waitBackOff(backOff, failures, request.signal).catch(() => {
          throw outcome;
        });
      }
    },
    close: () => agent.destroy(),
  };
}

interface SignedRequest {
  url: string;
  headers: Record<string, string>;
}

async function sign(
  signer: SignatureV4,
  url: URL,
  { method, headers, body }: ServiceRequest,
): Promise<SignedRequest> {
  const described = describeRequest(url, {
    method,
    headers: {
      ...headers,
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    },
    ...(body === undefined ? {} : { body }),
  });
  return { url: urlOf(described), headers: (await signer.sign(described)).headers };
}
