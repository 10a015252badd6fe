import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HEADERS } from '../../../shared/openapi/components.ts';
import { startGateways } from './gateway-fixture.ts';

let gateways: Awaited<ReturnType<typeof startGateways>>;
beforeEach(async () => {
  gateways = await startGateways();
});
afterEach(() => gateways.close());

describe('dispatch', () => {
  it('gives each route to its group’s function, under its key, with decoded parameters', async () => {
    await fetch(`${gateways.url}/api/v1/sessions/Ada%20One/connect`, { method: 'POST' });
    expect(gateways.events).toEqual([
      {
        group: 'sessions',
        event: expect.objectContaining({
          routeKey: 'POST /api/v1/sessions/{sessionId}/connect',
          pathParameters: { sessionId: 'Ada One' },
        }),
      },
    ]);
  });

  it('gives aliases their own key', async () => {
    await fetch(`${gateways.url}/api/sessions/ada-one/send`, { method: 'POST' });
    expect(gateways.events[0]?.event.routeKey).toBe('POST /api/sessions/{sessionId}/send');
  });

  it('gives what is not declared to the system function, as $default', async () => {
    await fetch(`${gateways.url}/nothing`);
    await fetch(`${gateways.url}/api/v1/config`, { method: 'DELETE' });
    expect(gateways.events.map(({ group, event }) => [group, event.routeKey])).toEqual([
      ['system', '$default'],
      ['system', '$default'],
    ]);
  });

  it('shows a page at the root', async () => {
    const response = await fetch(gateways.url);
    expect(response.headers.get('content-type')).toContain('text/html');
  });
});

describe('answers', () => {
  it('carry status, headers, cookies and binary bodies', async () => {
    gateways.behaviour.http = async () => ({
      statusCode: 201,
      headers: { 'content-type': 'image/png', 'x-request-id': 'abc', 'x-number': 5 },
      cookies: ['a=1', 'b=2; HttpOnly'],
      body: 'AP8Q',
      isBase64Encoded: true,
    });
    const response = await fetch(`${gateways.url}/api/v1/config`);
    expect(response.status).toBe(201);
    expect(response.headers.get('x-request-id')).toBe('abc');
    expect(response.headers.get('x-number')).toBe('5');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2; HttpOnly']);
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 16]);
  });

  it('are API Gateway’s own when the function throws, and nothing of the error shows', async () => {
    gateways.behaviour.http = async () => {
      throw new Error('secret');
    };
    const response = await fetch(`${gateways.url}/api/v1/config`);
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('{"message":"Internal Server Error"}');
    expect(gateways.errors).toHaveLength(1);
  });

  it('are 503 when the function takes too long', async () => {
    gateways.close();
    gateways = await startGateways({ timeoutMs: 1 });
    gateways.behaviour.http = () => new Promise(() => {});
    expect((await fetch(`${gateways.url}/api/v1/config`)).status).toBe(503);
  });
});

describe('bodies', () => {
  const tooLarge = Buffer.alloc(10 * 1024 * 1024 + 1);

  it('over 10 MB are refused by 413, announced', async () => {
    const response = await fetch(`${gateways.url}/api/v1/sessions`, { method: 'POST', body: tooLarge });
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({ message: 'Request Entity Too Large' });
    expect(gateways.events).toEqual([]);
  });

  it('over 10 MB are refused by 413, also when they come in pieces', async () => {
    const body = new ReadableStream({
      start(controller) {
        for (let index = 0; index < 11; index += 1) controller.enqueue(new Uint8Array(1024 * 1024));
        controller.close();
      },
    });
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    const status = await fetch(`${gateways.url}/api/v1/sessions`, init).then(
      (response) => response.status,
      () => 'connection ended',
    );
    // The client may see its connection end while it still writes.
    expect([413, 'connection ended']).toContain(status);
    expect(gateways.events).toEqual([]);
  });
});

describe('pages of other origins', () => {
  it('get their preflight answered without a function', async () => {
    const response = await fetch(`${gateways.url}/api/v1/sessions`, {
      method: 'OPTIONS',
      headers: { origin: 'http://127.0.0.1:3000', 'access-control-request-method': 'POST' },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-headers')).toContain('authorization');
    expect(gateways.events).toEqual([]);
  });

  it('may read answers, and every header that the reference names but where a redirect leads', async () => {
    const response = await fetch(`${gateways.url}/api/v1/config`, {
      headers: { origin: 'http://127.0.0.1:3000' },
    });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    const readable = response.headers.get('access-control-expose-headers')?.split(',');
    expect(readable?.toSorted()).toEqual(
      Object.keys(HEADERS)
        .filter((name) => name !== 'location')
        .toSorted(),
    );
  });
});
