import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { RawRequest } from '../../shared/contract/parse-request.ts';

/** The parts of a payload-2.0 event that are read; a local runtime need make no more than these. */
export type HttpEvent = Pick<
  APIGatewayProxyEventV2,
  'routeKey' | 'rawPath' | 'headers' | 'isBase64Encoded'
> & {
  pathParameters?: Record<string, string | undefined>;
  queryStringParameters?: Record<string, string | undefined>;
  body?: string;
  requestContext?: { http?: { sourceIp?: string } };
};

const SANE_REQUEST_ID = /^[\w.:-]{1,128}$/;

/** API Gateway writes header names in lower case; a local caller may not. */
export function headerOf(event: Pick<HttpEvent, 'headers'>, name: string): string | undefined {
  return (
    event.headers[name] ?? Object.entries(event.headers).find(([key]) => key.toLowerCase() === name)?.[1]
  );
}

/** Who API Gateway says is asking: no header of the caller's own is believed. */
export const sourceAddressOf = (event: HttpEvent) => event.requestContext?.http?.sourceIp;

/** The caller's own id where it is fit for logs and headers. */
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
