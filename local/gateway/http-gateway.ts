import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { createPathMatcher } from '../../shared/contract/match-path.ts';
import type { Group, RouteDeclaration } from '../../shared/contract/route.ts';
import { CORS_HEADERS, isPreflight, PREFLIGHT_HEADERS } from './cors.ts';
import { readBody } from './read-body.ts';
import { type IncomingRequest, toHttpEvent } from './to-http-event.ts';

/** A Lambda function behind the HTTP API. */
export type HttpFunction = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

export interface HttpGatewayDeps {
  routes: readonly RouteDeclaration[];
  /** The function of each group; `system` also answers what is not declared (`$default`). */
  functions: ReadonlyMap<Group, HttpFunction>;
  /** Pages without a counterpart on AWS, by path. */
  pages: Readonly<Record<string, () => { contentType: string; body: string }>>;
  /** Told of exceptions of a function, which are in its log on AWS. */
  onFunctionError: (thrown: unknown, requestId: string) => void;
  /** Milliseconds until a function is given up, as API Gateway does. */
  timeoutMs?: number;
}

/** API Gateway's own limits. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MAX_ANSWER_BYTES = 6 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 30_000;

/** API Gateway's own answers have this shape, not the gateway's. */
function refuse(response: ServerResponse, status: number, message: string, requestId: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'apigw-requestid': requestId,
    ...(status === 413 ? { connection: 'close' } : {}),
  });
  response.end(JSON.stringify({ message }));
}

function toIncoming(request: IncomingMessage, body: Uint8Array): IncomingRequest {
  return {
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    headers: request.headersDistinct,
    body,
    sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
  };
}

function send(
  response: ServerResponse,
  result: APIGatewayProxyStructuredResultV2,
  requestId: string,
  cors: Readonly<Record<string, string>>,
): void {
  const body = Buffer.from(result.body ?? '', result.isBase64Encoded === true ? 'base64' : 'utf8');
  if (body.byteLength > MAX_ANSWER_BYTES) {
    refuse(response, 500, 'Internal Server Error', requestId);
    return;
  }
  response.statusCode = result.statusCode ?? 200;
  const headers = { 'content-type': 'text/plain;charset=UTF-8', ...result.headers, ...cors };
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value));
  if (result.cookies !== undefined) response.setHeader('set-cookie', result.cookies);
  response.setHeader('apigw-requestid', requestId);
  response.end(body);
}

class TimedOut extends Error {}

function withTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new TimedOut('the function took too long')), timeoutMs);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

/** An HTTP API in front of the same functions that run on AWS. */
export function createHttpGateway(deps: HttpGatewayDeps): RequestListener {
  const matcher = createPathMatcher(deps.routes);
  const timeoutMs = deps.timeoutMs ?? DEFAULT_TIMEOUT_MS;

  async function serve(request: IncomingMessage, response: ServerResponse, requestId: string) {
    const { method = 'GET', url = '/' } = request;
    const path = url.split('?')[0] ?? '/';
    if (isPreflight(method, request.headers)) {
      response.writeHead(204, PREFLIGHT_HEADERS).end();
      return;
    }
    const page = method === 'GET' && Object.hasOwn(deps.pages, path) ? deps.pages[path]?.() : undefined;
    if (page !== undefined) {
      response
        .writeHead(200, { 'content-type': page.contentType, 'cache-control': 'no-store' })
        .end(page.body);
      return;
    }
    const body = await readBody(request, MAX_BODY_BYTES);
    if (body === 'too-large') {
      refuse(response, 413, 'Request Entity Too Large', requestId);
      return;
    }
    const match = matcher.match(method, path);
    const event = toHttpEvent(toIncoming(request, body), {
      routeKey: match === undefined ? '$default' : `${method} ${match.template}`,
      pathParameters: match?.params ?? {},
      requestId,
      now: new Date(),
    });
    const group = match?.route.group ?? 'system';
    const invoke = deps.functions.get(group);
    if (invoke === undefined) throw new Error(`there is no function for the group ${group}`);
    const result = await withTimeout(invoke(event), timeoutMs);
    send(response, result, requestId, request.headers.origin === undefined ? {} : CORS_HEADERS);
  }

  return (request, response) => {
    const requestId = randomUUID();
    serve(request, response, requestId).catch((thrown: unknown) => {
      // The caller disconnected during its own request.
      if (request.destroyed && !request.complete) return;
      deps.onFunctionError(thrown, requestId);
      if (response.headersSent) response.destroy();
      else if (thrown instanceof TimedOut) refuse(response, 503, 'Service Unavailable', requestId);
      else refuse(response, 500, 'Internal Server Error', requestId);
    });
  };
}
