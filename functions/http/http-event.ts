import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { RawRequest } from '../../shared/contract/parse-request.ts';

/** The parts of a payload-2.0 event that are read; the local runtime makes only these. */
export type HttpEvent = Pick<
  APIGatewayProxyEventV2,
  'routeKey' | 'rawPath' | 'headers' | 'isBase64Encoded'
> & {
  pathParameters?: Record<string, string | undefined>;
  queryStringParameters?: Record<string, string | undefined>;
  body?: string;
  requestContext?: { domainName?: string; http?: { sourceIp?: string } };
};

const SANE_REQUEST_ID = /^[\w.:-]{1,128}$/;

/** API Gateway sends header names in lower case; other callers may not. */
export function headerOf(event: Pick<HttpEvent, 'headers'>, name: string): string | undefined {
  return (
    event.headers[name] ?? Object.entries(event.headers).find(([key]) => key.toLowerCase() === name)?.[1]
  );
}

const BEARER = /^Bearer +([\w.~+/=-]{1,4096})$/i;
const TOKEN = /^[\w.~+/=-]{1,4096}$/;

/** The token that a request shows: as `Authorization: Bearer …`, or in `X-Api-Key`, which means the same. */
export function credentialOf(event: Pick<HttpEvent, 'headers'>): string | undefined {
  const read = (name: string) => headerOf(event, name)?.trim() ?? '';
  return BEARER.exec(read('authorization'))?.[1] ?? TOKEN.exec(read('x-api-key'))?.[0];
}

/** The caller's address as API Gateway saw it; headers of the caller are not believed. */
export const sourceAddressOf = (event: HttpEvent) => event.requestContext?.http?.sourceIp;

const HOST = /^[\w.-]+(?::\d{1,5})?$/;

/**
 * Scheme, host and port under which a request came, as API Gateway names them; behind it everything is https.
 * `undefined` where nobody can tell.
 */
export function addressOf(event: HttpEvent): string | undefined {
  const host = event.requestContext?.domainName;
  if (host === undefined || !HOST.test(host)) return undefined;
  return `${headerOf(event, 'x-forwarded-proto') === 'https' ? 'https' : 'http'}://${host}`;
}

/** The caller's own id where it is safe in logs and headers, else a new one. */
export function requestIdOf(event: HttpEvent): string {
  const given = headerOf(event, 'x-request-id');
  return given !== undefined && SANE_REQUEST_ID.test(given) ? given : randomUUID();
}

export function toRawRequest(event: HttpEvent): RawRequest {
  const { body, isBase64Encoded } = event;
  const params = Object.entries(event.pathParameters ?? {}).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return {
    params: Object.fromEntries(params),
    query: event.queryStringParameters ?? {},
    contentType: headerOf(event, 'content-type'),
    body: body !== undefined && isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body,
  };
}
