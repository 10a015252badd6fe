import { describe, expect, it } from 'vitest';
import { relayCallToWorker } from '../../../../functions/workers/relay/relay-call-to-worker.ts';
import { createRelayFetch } from '../../../../functions/workers/relay/relay-fetch.ts';

const WORKER = 'http://10.20.3.4:8001/api/session/s-1/status';

/** A worker that shows what it was sent. */
const echo: typeof fetch = async (input, init) =>
  Response.json(
    { url: String(input), method: init?.method, headers: init?.headers, body: init?.body },
    { status: 202, headers: { 'retry-after': '3', 'set-cookie': 'never' } },
  );
const overRelay = (send: typeof fetch) =>
  createRelayFetch({
    invoke: async (payload) => JSON.stringify(await relayCallToWorker(JSON.parse(payload), send)),
    direct: async () => Response.json({ direct: true }),
  });

describe('the relay', () => {
  it('the relay carries method, token, request id and body to a worker, and status, body and few headers back', async () => {
    const response = await overRelay(echo)(WORKER, {
      method: 'POST',
      headers: { authorization: 'Bearer secret-token', 'x-request-id': 'r-1', cookie: 'dropped' },
      body: '{"a":1}',
    });
    expect(response.status).toBe(202);
    expect(response.headers.get('retry-after')).toBe('3');
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(await response.json()).toEqual({
      url: WORKER,
      method: 'POST',
      headers: {
        authorization: 'Bearer secret-token',
        'x-request-id': 'r-1',
        'content-type': 'application/json',
      },
      body: '{"a":1}',
    });
  });

  it.each([
    'http://127.0.0.1:8001/',
    'http://169.254.170.2/v2/credentials',
    'http://[::1]:8001/',
    'http://example.com/',
    'http://8.8.8.8/',
    'file:///etc/passwd',
  ])('the relay calls nothing at %s', async (url) => {
    let called = false;
    const answer = await relayCallToWorker({ url, method: 'GET' }, async () => {
      called = true;
      return new Response();
    });
    expect(answer).toMatchObject({ outcome: 'failed', code: 'ENOTFOUND' });
    expect(called).toBe(false);
  });

  it('the relay tells a refused connection from one that broke, as a direct call would', async () => {
    const refused = new TypeError('fetch failed', {
      cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }),
    });
    const thrown = await overRelay(async () => Promise.reject(refused))(WORKER).catch((error) => error);
    expect(thrown).toMatchObject({ name: 'TypeError', cause: { code: 'ECONNREFUSED' } });
    const late = new DOMException('timed out', 'TimeoutError');
    const unknown = await overRelay(async () => Promise.reject(late))(WORKER).catch((error) => error);
    expect(unknown.cause.code).toBeUndefined();
  });

  it('the relay gives up an answer that is too large for Lambda', async () => {
    const flood: typeof fetch = async () => new Response(new Uint8Array(5 * 1024 * 1024));
    expect(await relayCallToWorker({ url: WORKER, method: 'GET' }, flood)).toMatchObject({
      outcome: 'failed',
    });
  });

  it('the relay is not asked for workers elsewhere, which are called by https or not at all', async () => {
    const response = await overRelay(echo)('https://worker.example.com/health');
    expect(await response.json()).toEqual({ direct: true });
    await expect(overRelay(echo)('http://worker.example.com/health')).rejects.toThrow('fetch failed');
  });
});
