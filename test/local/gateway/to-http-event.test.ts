import { describe, expect, it } from 'vitest';
import {
  formatRequestTime,
  type IncomingRequest,
  toHttpEvent,
} from '../../../local/gateway/to-http-event.ts';

const CONTEXT = {
  routeKey: 'GET /api/v1/sessions/{sessionId}',
  pathParameters: { sessionId: 'ada-personal' },
  requestId: 'request-1',
  now: new Date('2026-03-12T19:03:58.123Z'),
};
const request = (change: Partial<IncomingRequest> = {}): IncomingRequest => ({
  method: 'GET',
  target: '/api/v1/sessions/ada-personal?limit=2&tag=a&tag=b%20c',
  headers: { host: ['127.0.0.1:8000'], 'user-agent': ['curl/8'], accept: ['text/html', 'text/plain'] },
  body: new Uint8Array(),
  sourceIp: '127.0.0.1',
  ...change,
});

describe('toHttpEvent', () => {
  it('toHttpEvent makes a payload-2.0 event', () => {
    expect(toHttpEvent(request(), CONTEXT)).toEqual({
      version: '2.0',
      routeKey: 'GET /api/v1/sessions/{sessionId}',
      rawPath: '/api/v1/sessions/ada-personal',
      rawQueryString: 'limit=2&tag=a&tag=b%20c',
      headers: { host: '127.0.0.1:8000', 'user-agent': 'curl/8', accept: 'text/html,text/plain' },
      queryStringParameters: { limit: '2', tag: 'a,b c' },
      pathParameters: { sessionId: 'ada-personal' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'local',
        domainName: '127.0.0.1:8000',
        domainPrefix: 'local',
        http: {
          method: 'GET',
          path: '/api/v1/sessions/ada-personal',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'curl/8',
        },
        requestId: 'request-1',
        routeKey: 'GET /api/v1/sessions/{sessionId}',
        stage: '$default',
        time: '12/Mar/2026:19:03:58 +0000',
        timeEpoch: 1773342238123,
      },
      isBase64Encoded: false,
    });
  });

  it('toHttpEvent passes JSON on as text and anything binary as base64', () => {
    const text = toHttpEvent(
      request({
        body: Buffer.from('{"name":"Zoë"}'),
        headers: { 'content-type': ['application/json; charset=utf-8'] },
      }),
      CONTEXT,
    );
    expect(text).toMatchObject({ body: '{"name":"Zoë"}', isBase64Encoded: false });
    const binary = toHttpEvent(
      request({ body: Uint8Array.of(0, 255, 16), headers: { 'content-type': ['image/png'] } }),
      CONTEXT,
    );
    expect(binary).toMatchObject({ body: 'AP8Q', isBase64Encoded: true });
  });

  it('toHttpEvent takes cookies out of the headers', () => {
    const event = toHttpEvent(request({ headers: { cookie: ['a=1; b=2'] } }), CONTEXT);
    expect(event.cookies).toEqual(['a=1', 'b=2']);
    expect(event.headers).not.toHaveProperty('cookie');
  });
});

it('writes times as the access log does', () => {
  expect(formatRequestTime(new Date('2026-11-01T02:03:04Z'))).toBe('01/Nov/2026:02:03:04 +0000');
});
