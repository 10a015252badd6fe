import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../shared/errors/app-error.ts';
import { workerRoutes } from '../../../shared/workers/api/routes.ts';
import { ByteBudget } from '../../../worker/sessions/byte-budget.ts';
import { PREVIOUS_TOKEN, startEdge } from './worker-fixture.ts';

let edge: Awaited<ReturnType<typeof startEdge>>;
beforeEach(async () => {
  edge = await startEdge();
});
afterEach(() => edge.stop());

const fill = (path: string) => path.replace('{sessionId}', 'ada-personal');
const body = (value: unknown) => ({ body: JSON.stringify(value) });
const create = () =>
  edge.request('POST', '/api/session/create', body({ sessionId: 'ada-personal', userId: 'ada' }));

describe('every route', () => {
  const guarded = workerRoutes.filter(({ callers }) => !(callers as readonly string[]).includes('public'));

  it.each(guarded.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s is refused without a token and with a wrong one, under every prefix',
    async (_, route) => {
      for (const path of [route.path, ...('aliases' in route ? route.aliases : [])])
        for (const token of [null, 'wrong']) {
          const response = await edge.request(route.method, fill(path), { token });
          expect(response.status).toBe(401);
          expect(await response.json()).toMatchObject({ success: false, code: 'UNAUTHORIZED' });
        }
      expect(edge.registry.calls).toEqual([]);
    },
  );

  it('takes the token that is being rotated out', async () => {
    expect((await edge.request('GET', '/health', { token: PREVIOUS_TOKEN })).status).toBe(200);
  });

  it('answers liveness and readiness without a token', async () => {
    for (const path of ['/health/live', '/health/ready'])
      expect((await edge.request('GET', path, { token: null })).status).toBe(200);
  });
});

describe('the envelope', () => {
  it('wraps data once, with 201 and a message for a created session', async () => {
    const response = await create();
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({
      success: true,
      data: { sessionId: 'ada-personal', status: 'disconnected', phoneNumber: null, lastActivity: null },
      message: 'Session created successfully',
    });
  });

  it('answers disconnect, logout and delete with their sentences', async () => {
    await create();
    const messageOf = async (method: string, path: string) =>
      ((await (await edge.request(method, path)).json()) as { message?: string }).message;
    expect(await messageOf('POST', '/session/ada-personal/disconnect')).toBe('Session disconnected');
    expect(await messageOf('POST', '/api/session/ada-personal/logout')).toBe(
      'Session logged out successfully',
    );
    expect(await messageOf('DELETE', '/api/session/ada-personal')).toBe('Session deleted successfully');
  });

  it('passes epoch and rev of a command on, and normalises session ids', async () => {
    await create();
    await edge.request('POST', '/api/session/Ada_Personal/connect', body({ epoch: 4, rev: 2 }));
    expect(edge.registry.calls.at(-1)).toEqual({
      verb: 'connect',
      args: ['ada-personal', { epoch: 4, rev: 2 }],
    });
  });

  it('answers a send by 200, on both forms', async () => {
    await create();
    const message = { to: '+62 812-3456-7890', type: 'text', message: 'Hello' };
    const first = await edge.request('POST', '/api/session/ada-personal/send', body(message));
    expect(first.status).toBe(200);
    const second = await edge.request(
      'POST',
      '/message/send',
      body({ ...message, sessionId: 'ada-personal' }),
    );
    expect(await second.json()).toMatchObject({ success: true, data: { status: 'sent' } });
  });

  it('lists messages by limit and offset, on both forms of the path', async () => {
    await create();
    for (const base of ['/api/session', '/session']) {
      const response = await edge.request(
        'GET',
        `${base}/ada-personal/messages?limit=5&offset=10&firstEpoch=3`,
      );
      const pagination = { total: 0, limit: 5, offset: 10 };
      expect(await response.json()).toMatchObject({ success: true, data: { messages: [], pagination } });
      expect(edge.registry.calls.at(-1)).toEqual({ verb: 'messages', args: ['ada-personal', 5, 10, 3] });
    }
    const missing = await edge.request('GET', '/api/session/nobody/messages');
    expect([missing.status, (await missing.json()) as object]).toMatchObject([404, { code: 'NOT_FOUND' }]);
  });
});

describe('failures', () => {
  it('renders what the registry refuses with its code and status', async () => {
    edge.registry.fail = new AppError('WORKER_FULL', 'This worker is full.');
    const response = await create();
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('30');
    expect(await response.json()).toMatchObject({ success: false, code: 'WORKER_FULL' });
  });

  it('shows nothing of an unexpected error, and logs it once under the request id', async () => {
    edge.registry.fail = new Error('password=hunter2 at /srv/secret.ts');
    const response = await create();
    expect(response.status).toBe(500);
    const failure = (await response.json()) as { requestId: string };
    expect(JSON.stringify(failure)).not.toContain('hunter2');
    expect(edge.logLines.filter((line) => line.includes('hunter2'))).toHaveLength(1);
    expect(edge.logLines.find((line) => line.includes('hunter2'))).toContain(failure.requestId);
  });

  it('answers an unknown path by 404 and a wrong method by 405 with what is allowed', async () => {
    const unknown = await edge.request('GET', '/api/nothing');
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ success: false, code: 'NOT_FOUND' });
    const wrong = await edge.request('PUT', '/message/send');
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')).toBe('POST');
  });

  it('answers an address that cannot be decoded by 404', async () => {
    expect((await edge.request('GET', '/api/session/%E0%A4%A/status')).status).toBe(404);
  });

  it('answers malformed JSON by 400, another content type by 415, a missing field by its name', async () => {
    const send = (text: string, type = 'application/json') =>
      edge.request('POST', '/api/session/create', { body: text, headers: { 'content-type': type } });
    expect((await send('{ "sessionId": ')).status).toBe(400);
    expect((await send('sessionId=a', 'text/plain')).status).toBe(415);
    expect(await (await send('{}')).json()).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: expect.arrayContaining([expect.objectContaining({ path: 'sessionId' })]),
    });
  });

  it('reads a large body only where there is room for it, else 503 with a time to come back', async () => {
    const budget = new ByteBudget({ totalBytes: 1_000_000, shareBytes: 1_000_000, mostWaiting: 0 });
    const edge = await startEdge({ budget });
    const held = await budget.reserve('another', 1_000_000, { waitMs: 0 });
    const send = () =>
      edge.request('POST', '/api/session/ada-personal/send', {
        body: JSON.stringify({ to: '6281234567890', type: 'text', message: 'x'.repeat(100_000) }),
      });
    const refused = await send();
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(await refused.json()).toMatchObject({ code: 'WORKER_BUSY' });
    held.release();
    // Too long for a text, but read.
    expect((await send()).status).toBe(400);
    await expect.poll(() => budget.heldBytes).toBe(0);
    await edge.stop();
  });

  it('refuses a body over 4 MiB by 413, before the registry hears of it', async () => {
    const response = await edge.request('POST', '/api/session/create', {
      body: JSON.stringify({ sessionId: 'x'.repeat(4 * 1024 * 1024) }),
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(edge.registry.calls).toEqual([]);
  });
});

describe('request ids', () => {
  it('takes over the caller’s, and makes one where it is absent or unfit', async () => {
    const idOf = async (given?: string) =>
      (
        await edge.request(
          'GET',
          '/health/live',
          given === undefined ? {} : { headers: { 'x-request-id': given } },
        )
      ).headers.get('x-request-id');
    expect(await idOf('abc-123')).toBe('abc-123');
    expect(await idOf()).toMatch(/^[0-9a-f-]{36}$/);
    expect(await idOf('a b"c')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('observation', () => {
  it('describes load and sessions', async () => {
    await create();
    expect(await (await edge.request('GET', '/api/health')).json()).toMatchObject({
      data: {
        status: 'online',
        sessionCount: 1,
        cpuUsage: 12.5,
        maxSessions: 10,
        availableSlots: 9,
        sessionBreakdown: { total: 1, connected: 1 },
      },
    });
    expect(await (await edge.request('GET', '/info')).json()).toMatchObject({
      data: { workerId: 'worker-001', environment: 'testing', baileys_version: '7.0.0-rc14' },
    });
  });

  it('renders Prometheus text', async () => {
    await create();
    const response = await edge.request('GET', '/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain('worker_sessions{status="connected"} 1');
  });

  it('logs routes and request ids, never tokens or message text', async () => {
    await create();
    const message = { to: '6281234567890', type: 'text', message: 'a private matter' };
    await edge.request('POST', '/api/session/ada-personal/send', body(message));
    const log = edge.logLines.join('');
    expect(log).toContain('workerSend');
    expect(log).not.toContain('a private matter');
    expect(log).not.toContain('token-of-this-test');
  });
});

describe('a worker that stops', () => {
  it('is not ready, refuses new sessions, and still shows its health', async () => {
    edge.lifecycle.stop();
    expect((await edge.request('GET', '/health/ready', { token: null })).status).toBe(503);
    const refused = await create();
    expect(await refused.json()).toMatchObject({ code: 'SHUTTING_DOWN' });
    expect((await edge.request('GET', '/health')).status).toBe(200);
  });

  it('takes no new sessions while draining, but serves those it has', async () => {
    await create();
    edge.lifecycle.drain();
    expect((await create()).status).toBe(503);
    expect((await edge.request('POST', '/api/session/ada-personal/connect')).status).toBe(200);
  });
});

describe('a busy worker', () => {
  it('bounds what is in flight with 429', async () => {
    await edge.stop();
    edge = await startEdge({ maxInFlight: 0 });
    const response = await edge.request('GET', '/health');
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('1');
  });
});
