import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { httpFunction } from '../../../functions/http/http-function.ts';
import { implement } from '../../../functions/http/implement.ts';
import { defineRoute } from '../../../shared/contract/route.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import {
  type ControlPlane,
  FORMER_WORKER_TOKEN,
  startControlPlane,
  WORKER_TOKEN,
} from '../../../testing/control-plane/control-plane.ts';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.close());

const echo = defineRoute({
  id: 'echo',
  group: 'system',
  method: 'POST',
  path: '/echo',
  callers: ['public'],
  summary: 'Echo',
  body: z.object({ text: z.string(), fail: z.enum(['expected', 'unexpected']).optional() }),
  answer: z.object({ text: z.string() }),
});
const handler = implement(echo, async ({ body }) => {
  if (body.fail === 'expected') throw new AppError('RATE_LIMITED', 'Slow down.', { retryAfterS: 2.5 });
  if (body.fail === 'unexpected') throw new Error('password=hunter2 at db-7.internal');
  return { data: { text: body.text } };
});

const event = (body: string, more: object = {}) => ({
  ...{ routeKey: 'POST /echo', rawPath: '/echo', headers: { 'content-type': 'application/json' } },
  isBase64Encoded: false,
  body,
  ...more,
});

describe('every answer', () => {
  it('every answer carries the request id the caller gave', async () => {
    const { headers } = await plane.call('GET', '/api/v1/config', { headers: { 'x-request-id': 'mine-1' } });
    expect(headers['x-request-id']).toBe('mine-1');
  });

  it.each(['', 'two words', 'x'.repeat(200), 'new\nline'])(
    'carries a request id of ours where the caller’s is unfit: %j',
    async (given) => {
      const { headers } = await plane.call('GET', '/api/v1/config', { headers: { 'x-request-id': given } });
      expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it('every answer forbids sniffing, framing and caching', async () => {
    for (const path of ['/api/v1/config', '/nowhere'])
      expect((await plane.call('GET', path)).headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      });
  });
});

describe('a request', () => {
  const run = (body: string, more: object = {}) => httpFunction([handler], plane.deps)(event(body, more));

  it('a request is answered in the envelope', async () => {
    const { statusCode, body } = await run('{"text":"héllo"}');
    expect([statusCode, JSON.parse(body ?? '')]).toEqual([200, { success: true, data: { text: 'héllo' } }]);
  });

  it('a request with a base64 body is read alike', async () => {
    const body = Buffer.from('{"text":"héllo"}').toString('base64');
    expect((await run(body, { isBase64Encoded: true })).body).toContain('héllo');
  });

  it.each([
    ['{"text":1}', 400, 'VALIDATION_ERROR'],
    ['{"text"', 400, 'VALIDATION_ERROR'],
    [JSON.stringify({ text: 'x'.repeat(5 * 1024 * 1024) }), 413, 'PAYLOAD_TOO_LARGE'],
  ])('a request that is malformed is refused: %.20s', async (body, status, code) => {
    const result = await run(body);
    expect([result.statusCode, JSON.parse(result.body ?? '').code]).toEqual([status, code]);
  });

  it('a request that is no JSON is refused with 415', async () => {
    expect((await run('text=1', { headers: { 'content-type': 'text/plain' } })).statusCode).toBe(415);
  });

  it('a request that fails as expected says why, and after how many whole seconds to try again', async () => {
    const { statusCode, headers, body } = await run('{"text":"x","fail":"expected"}');
    expect([statusCode, headers['retry-after']]).toEqual([429, '3']);
    expect(JSON.parse(body ?? '')).toEqual({
      success: false,
      error: 'Slow down.',
      code: 'RATE_LIMITED',
      requestId: headers['x-request-id'],
    });
  });

  it('a request that fails unexpectedly shows nothing of why, and is logged once with its id', async () => {
    const lines: string[] = [];
    const log = pino({ base: null }, { write: (line: string) => lines.push(line) });
    const { statusCode, body, headers } = await httpFunction([handler], { ...plane.deps, log })(
      event('{"text":"x","fail":"unexpected"}'),
    );
    expect([statusCode, JSON.parse(body ?? '').code]).toEqual([500, 'INTERNAL_ERROR']);
    expect(body).not.toContain('hunter2');
    const errors = lines.map((line) => JSON.parse(line)).filter(({ level }) => level === 50);
    expect(errors).toMatchObject([{ requestId: headers['x-request-id'], route: 'echo' }]);
  });

  it('a request is logged without its body and its token', async () => {
    const lines: string[] = [];
    const log = pino({ base: null }, { write: (line: string) => lines.push(line) });
    const headers = { 'content-type': 'application/json', authorization: 'Bearer top-secret' };
    await httpFunction([handler], { ...plane.deps, log })(event('{"text":"private words"}', { headers }));
    expect(lines.join('')).toContain('"status":200');
    expect(lines.join('')).not.toMatch(/private words|top-secret/);
  });
});

describe('what no route is for', () => {
  it('is 404 in our shape', async () => {
    expect(await plane.call('GET', '/api/v1/nothing')).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });

  it('is 405 with the methods that are, where only the method is wrong', async () => {
    const answer = await plane.call('DELETE', '/api/v1/config');
    expect(answer).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
    expect(answer.headers['allow']).toBe('GET');
  });

  it('is 403 with who may, in words, where only the token is wrong', async () => {
    const { token } = await plane.signUp();
    expect((await plane.call('GET', '/api/v1/workers', { token })).body.error).toBe(
      'This route is not for this kind of token. It takes the login of an administrator.',
    );
  });

  it('is 404 for an id that nothing can have', async () => {
    const { token } = await plane.signUp();
    expect(await plane.call('GET', '/api/v1/sessions/___', { token })).toMatchObject({ status: 404 });
  });
});

describe('authentication', () => {
  const heartbeat = (token?: string) =>
    plane.call('PUT', '/api/v1/workers/nobody/heartbeat', {
      body: {},
      ...(token === undefined ? {} : { token }),
    });

  it.each([undefined, '', 'wrong', `${WORKER_TOKEN}x`, 'sk_live_unknown', 'a.b.c'])(
    'answers 401 to the token %j',
    async (token) => {
      expect(await heartbeat(token)).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    },
  );

  it('authentication takes the current worker token and the one before it', async () => {
    for (const token of [WORKER_TOKEN, FORMER_WORKER_TOKEN])
      expect(await heartbeat(token)).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });

  it('authentication answers 403 to a token of the wrong kind', async () => {
    const { token } = await plane.signUp();
    expect(await heartbeat(token)).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(await plane.call('GET', '/api/v1/sessions', { token: WORKER_TOKEN })).toMatchObject({
      status: 403,
    });
    expect(await plane.call('DELETE', '/api/v1/workers/w', { token })).toMatchObject({ status: 403 });
  });

  it('authentication lets an administrator where administrators may go', async () => {
    const { token } = await plane.signUp('PRO', 'ADMIN');
    expect(await plane.call('DELETE', '/api/v1/workers/w', { token })).toMatchObject({ status: 404 });
  });

  it('authentication answers 401 once the access token has expired', async () => {
    const { token } = await plane.signUp();
    plane.clock.now += 16 * 60_000;
    expect(await plane.call('GET', '/api/v1/sessions', { token })).toMatchObject({ status: 401 });
  });
});
