import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ResolvedAddress } from '../../../shared/outbound/check-address.ts';
import { createGuardedFetch, type GuardedRequest } from '../../../shared/outbound/guarded-request.ts';
import { findUrlFault, outboundPolicy } from '../../../shared/outbound/outbound-policy.ts';

const PRODUCTION = outboundPolicy('PRODUCTION');
const DEVELOPMENT = outboundPolicy('DEVELOPMENT');
const servers: Server[] = [];

async function serve(answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const post = (url: string, more: Partial<GuardedRequest> = {}): GuardedRequest => ({
  ...{ method: 'POST', url, headers: {}, body: '{}', timeoutMs: 5_000, maxResponseBytes: 1_000 },
  ...more,
});

const loopback: ResolvedAddress = { address: '127.0.0.1', family: 4 };

describe('a URL in production', () => {
  it.each([
    'http://example.com/hook',
    'ftp://example.com/hook',
    'https://user:secret@example.com/',
    'https://127.0.0.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://localhost/',
    'https://api.localhost./',
    'https://metadata.google.internal/',
  ])('%s is refused as it is written', async (url) => {
    expect(findUrlFault(url, PRODUCTION)).toBeDefined();
    const answer = await createGuardedFetch({ policy: PRODUCTION })(post(url));
    expect(answer.outcome).toBe('refused');
  });

  it('a URL in production is refused when its name resolves to the metadata service', async () => {
    const resolve = async (): Promise<ResolvedAddress[]> => [{ address: '169.254.169.254', family: 4 }];
    const answer = await createGuardedFetch({ policy: PRODUCTION, resolve })(post('https://rebind.example/'));
    expect(answer).toMatchObject({ outcome: 'refused' });
  });

  it('a URL in production passes where host and scheme are public', () => {
    expect(findUrlFault('https://example.com/hook?a=1', PRODUCTION)).toBeUndefined();
  });
});

describe('a URL outside production', () => {
  it('a URL outside production may be of one’s own machine, and never of a metadata service', () => {
    expect(findUrlFault('http://127.0.0.1:9000/hook', DEVELOPMENT)).toBeUndefined();
    expect(findUrlFault('http://localhost:9000/hook', DEVELOPMENT)).toBeUndefined();
    expect(findUrlFault('http://169.254.169.254/latest/', DEVELOPMENT)).toContain('public internet');
    expect(findUrlFault('http://[fd00:ec2::254]/latest/', DEVELOPMENT)).toContain('public internet');
  });
});

describe('a request', () => {
  it('a request goes to the checked address, under the name that was asked for', async () => {
    const port = await serve((request, response) => response.end(request.headers.host));
    const names: string[] = [];
    const resolve = async (name: string) => {
      names.push(name);
      return [loopback];
    };
    const answer = await createGuardedFetch({ policy: DEVELOPMENT, resolve })(
      post(`http://hooks.test:${port}/`),
    );
    expect(answer).toMatchObject({ outcome: 'answered', status: 200 });
    expect(answer.outcome === 'answered' && answer.body.toString()).toBe(`hooks.test:${port}`);
    expect(names).toEqual(['hooks.test']);
  });

  it('a request does not follow redirects', async () => {
    let visits = 0;
    const port = await serve((_, response) => {
      visits += 1;
      response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    });
    const answer = await createGuardedFetch({ policy: DEVELOPMENT })(post(`http://127.0.0.1:${port}/`));
    expect(answer).toMatchObject({ outcome: 'answered', status: 302 });
    expect(visits).toBe(1);
  });

  it('a request reads no more of an answer without an end than its bound', async () => {
    const port = await serve((_, response) => {
      const more = () => {
        while (response.write('x'.repeat(1_000))) if (response.destroyed) return;
        response.once('drain', more);
      };
      more();
    });
    const answer = await createGuardedFetch({ policy: DEVELOPMENT })(
      post(`http://127.0.0.1:${port}/`, { maxResponseBytes: 64 }),
    );
    expect(answer.outcome === 'answered' && answer.body.length).toBe(64);
  });

  it('a request ends at its time-out whether the name or the server keeps it waiting', async () => {
    const port = await serve(() => undefined);
    const silent = await createGuardedFetch({ policy: DEVELOPMENT })(
      post(`http://127.0.0.1:${port}/`, { timeoutMs: 50 }),
    );
    expect(silent).toMatchObject({ outcome: 'timeout' });
    const resolve = () => new Promise<ResolvedAddress[]>(() => undefined);
    const nameless = await createGuardedFetch({ policy: DEVELOPMENT, resolve })(
      post('http://hooks.test/', { timeoutMs: 50 }),
    );
    expect(nameless).toMatchObject({ outcome: 'timeout' });
  });

  it('a request tells a reset and a refusal without naming the address', async () => {
    const port = await serve((request) => request.socket.resetAndDestroy());
    const reset = await createGuardedFetch({ policy: DEVELOPMENT })(post(`http://127.0.0.1:${port}/`));
    expect(reset).toMatchObject({ outcome: 'failed' });
    expect(JSON.stringify(reset)).not.toContain('127.0.0.1');
  });
});
