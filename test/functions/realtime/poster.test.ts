import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPoster, type Poster } from '../../../functions/realtime/poster.ts';
import { localCredentials } from '../../../shared/aws/env.ts';

/** The management interface as API Gateway has it, for three clients: one there, one gone, one throttled. */
let server: Server;
let poster: Poster;
const seen: { method: string | undefined; url: string | undefined; body: string }[] = [];
const STATUS: Record<string, number> = { here: 200, gone: 410, busy: 429 };

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    seen.push({ method: request.method, url: request.url, body });
    const status = STATUS[request.url?.split('/').at(-1) ?? ''] ?? 500;
    const type = status === 410 ? 'GoneException' : 'LimitExceededException';
    response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': type });
    response.end(status === 200 ? '' : JSON.stringify({ message: type }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  poster = createPoster({ endpoint, region: 'us-east-1', credentials: localCredentials });
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('posting a frame', () => {
  it('goes to the connection it is for', async () => {
    expect(await poster.post('here', '{"event":"pong"}')).toBe('posted');
    expect(seen).toContainEqual({ method: 'POST', url: '/@connections/here', body: '{"event":"pong"}' });
  });

  it('tells of a client that has gone', async () => {
    expect(await poster.post('gone', '{}')).toBe('gone');
  });

  it('fails where it was not taken', async () => {
    await expect(poster.post('busy', '{}')).rejects.toThrow();
  });

  it('closes connections, also such as are closed already', async () => {
    await poster.close('here');
    await poster.close('gone');
    expect(seen).toContainEqual({ method: 'DELETE', url: '/@connections/here', body: '' });
  });
});
