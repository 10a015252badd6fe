import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { RouteDeclaration } from '../../shared/contract/route.ts';
import { renderError } from '../../shared/errors/render-error.ts';
import type { AnyAnswer } from './implement.ts';

export type HttpResult = APIGatewayProxyStructuredResultV2 & {
  statusCode: number;
  headers: Record<string, string>;
};

/** Answers are data, not pages: no sniffing, framing, scripts, referrers or caches. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
};

const JSON_TYPE = 'application/json; charset=utf-8';

function headersOf(requestId: string, contentType: string, more: Record<string, string> = {}) {
  return { ...SECURITY_HEADERS, 'content-type': contentType, 'x-request-id': requestId, ...more };
}

/** Renders a handler's answer in API Gateway's form. */
export function renderAnswer(route: RouteDeclaration, answer: AnyAnswer, requestId: string): HttpResult {
  const statusCode = answer.status ?? route.statuses?.[0] ?? 200;
  if (answer.raw !== undefined) {
    const { body, contentType } = answer.raw;
    const headers = headersOf(requestId, contentType, answer.headers);
    return typeof body === 'string'
      ? { statusCode, headers, body }
      : { statusCode, headers, body: Buffer.from(body).toString('base64'), isBase64Encoded: true };
  }
  const body = JSON.stringify({
    success: true,
    ...(answer.data === undefined ? {} : { data: answer.data }),
    ...(answer.message === undefined ? {} : { message: answer.message }),
  });
  return { statusCode, headers: headersOf(requestId, JSON_TYPE, answer.headers), body };
}

export function renderFailure(
  thrown: unknown,
  requestId: string,
  more: Record<string, string> = {},
): HttpResult & { expected: boolean; code: string } {
  const { status, headers, body, expected } = renderError(thrown, requestId);
  return {
    statusCode: status,
    headers: headersOf(requestId, JSON_TYPE, { ...headers, ...more }),
    body: JSON.stringify(body),
    expected,
    code: body.code,
  };
}
