import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** A request as `node:http` hands it over, its body read. */
export interface IncomingRequest {
  method: string;
  /** Path and query, as on the wire. */
  target: string;
  headers: Readonly<Record<string, readonly string[] | undefined>>;
  body: Uint8Array;
  sourceIp: string;
}

export interface EventContext {
  routeKey: string;
  pathParameters: Readonly<Record<string, string>>;
  requestId: string;
  now: Date;
}

/** Media types that API Gateway passes on as text; others travel as base64. */
const TEXT = /^(?:text\/|application\/(?:[\w.+-]*\+)?(?:json|xml)\b|application\/javascript\b)/i;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `12/Mar/2026:19:03:58 +0000`: the access log's form, which the events use too. */
export function formatRequestTime(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${two(now.getUTCDate())}/${MONTHS[now.getUTCMonth()]}/${now.getUTCFullYear()}`;
  return `${day}:${two(now.getUTCHours())}:${two(now.getUTCMinutes())}:${two(now.getUTCSeconds())} +0000`;
}

/** Repeated headers are joined by commas; cookies have a place of their own. */
export function joinHeaders(headers: IncomingRequest['headers']): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, values] of Object.entries(headers))
    if (values !== undefined && name !== 'cookie') joined[name] = values.join(',');
  return joined;
}

/** Repeated parameters are joined by commas. */
export function joinQuery(rawQueryString: string): Record<string, string> | undefined {
  const joined: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(rawQueryString))
    joined[name] = Object.hasOwn(joined, name) ? `${joined[name]},${value}` : value;
  return Object.keys(joined).length === 0 ? undefined : joined;
}

function encodeBody(request: IncomingRequest): Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'> {
  if (request.body.byteLength === 0) return { isBase64Encoded: false };
  const contentType = request.headers['content-type']?.[0] ?? '';
  const isText = TEXT.test(contentType) && request.headers['content-encoding'] === undefined;
  const bytes = Buffer.from(request.body.buffer, request.body.byteOffset, request.body.byteLength);
  return { body: bytes.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText };
}

/** The event a Lambda behind an HTTP API receives: payload format 2.0. */
export function toHttpEvent(request: IncomingRequest, context: EventContext): APIGatewayProxyEventV2 {
  const [rawPath = '/', ...rest] = request.target.split('?');
  const rawQueryString = rest.join('?');
  const headers = joinHeaders(request.headers);
  const queryStringParameters = joinQuery(rawQueryString);
  const cookies = request.headers['cookie']
    ?.flatMap((line) => line.split(/; */))
    .filter((text) => text !== '');
  const parameters = { ...context.pathParameters };
  return {
    version: '2.0',
    routeKey: context.routeKey,
    rawPath,
    rawQueryString,
    ...(cookies === undefined ? {} : { cookies }),
    headers,
    ...(queryStringParameters === undefined ? {} : { queryStringParameters }),
    ...(Object.keys(parameters).length === 0 ? {} : { pathParameters: parameters }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: headers['host'] ?? '127.0.0.1',
      domainPrefix: 'local',
      http: {
        method: request.method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: context.requestId,
      routeKey: context.routeKey,
      stage: '$default',
      time: formatRequestTime(context.now),
      timeEpoch: context.now.getTime(),
    },
    ...encodeBody(request),
  };
}
