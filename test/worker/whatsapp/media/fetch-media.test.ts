import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { Resolve } from '../../../../shared/outbound/check-address.ts';
import { createGuardedRead, type GuardedRead } from '../../../../shared/outbound/guarded-request.ts';
import { type FetchMediaOptions, fetchMedia } from '../../../../worker/whatsapp/media/fetch-media.ts';
import { toInput as inputOf, type MediaContent } from '../../../../worker/whatsapp/media/preview-media.ts';

const toInput = (content: MediaContent) => String(inputOf(content));

let server: Server;
let base: string;
let port: number;
const seen: string[] = [];

const ROUTES: Record<string, RequestListener> = {
  '/picture.png': (_request, response) =>
    response.setHeader('content-type', 'image/png; charset=binary').end(Buffer.from('picture')),
  '/hop': (_request, response) => response.writeHead(302, { location: '/picture.png' }).end(),
  '/loop': (_request, response) => response.writeHead(302, { location: '/loop' }).end(),
  '/file': (_request, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  '/large': (_request, response) => response.end(Buffer.alloc(2_000)),
  '/endless': (_request, response) => {
    const write = () => {
      while (response.write(Buffer.alloc(500)));
    };
    response.on('drain', write);
    write();
  },
  '/unsized': (_request, response) => {
    response.write('pic');
    response.end('ture');
  },
  '/silent': () => undefined,
  '/empty': (_request, response) => response.end(),
};

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(request.url ?? '');
    const route = ROUTES[request.url ?? ''];
    if (route) route(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
  base = `http://127.0.0.1:${port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const open: FetchMediaOptions = {
  maxBytes: 1_000,
  timeoutMs: 60_000,
  allowPrivate: true,
  reserve: async () => undefined,
};
const strict: FetchMediaOptions = { ...open, allowPrivate: false };
const guardWith = (allowPrivate: boolean, resolve?: Resolve) =>
  createGuardedRead({ policy: { allowHttp: true, allowPrivate }, ...(resolve && { resolve }) });
const unavailable = { code: 'MEDIA_UNAVAILABLE' };

describe('where it may fetch from', () => {
  test.each([
    'http://127.0.0.1/',
    'http://[::1]/',
    'http://10.1.2.3/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://169.254.170.2/v2/credentials',
    'http://[fd00:ec2::254]/',
    'http://[fe80::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://100.64.0.1/',
    'http://0.0.0.0/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://224.0.0.1/',
  ])('refuses %s', async (url) => {
    await expect(fetchMedia(url, strict)).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringMatching(/not allowed/),
    });
  });

  test('refuses a name as soon as one of its addresses is private', async () => {
    const resolve: Resolve = async () => [
      { address: '93.184.216.34', family: 4 },
      { address: '10.0.0.7', family: 4 },
    ];
    await expect(
      fetchMedia('http://media.example/', { ...strict, read: guardWith(false, resolve) }),
    ).rejects.toMatchObject(unavailable);
  });

  test('connects to the address that was checked, not to what the name says later', async () => {
    const asked: string[] = [];
    const resolve: Resolve = async (hostname) => {
      asked.push(hostname);
      return [{ address: '127.0.0.1', family: 4 }];
    };
    const url = `http://no-such-name.invalid:${port}/picture.png`;
    const { content } = await fetchMedia(url, { ...open, read: guardWith(true, resolve) });
    expect(await readFile(toInput(content), 'utf8')).toBe('picture');
    expect(asked).toEqual(['no-such-name.invalid']);
  });

  test('checks again after a redirect', async () => {
    const hops: string[] = [];
    const guard = guardWith(false);
    const read: GuardedRead = async (request, take) => {
      hops.push(request.url);
      // The first hop is a public server that sends us on to the metadata service.
      if (hops.length > 1) return guard(request, take);
      const headers = { location: 'http://169.254.169.254/latest/meta-data/' };
      const body = (async function* (): AsyncGenerator<Buffer> {})();
      return { outcome: 'answered', value: await take({ status: 302, headers, body }) };
    };
    await expect(fetchMedia('https://public.example/a', { ...strict, read })).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringMatching(/not allowed/),
    });
    expect(hops).toHaveLength(2);
    await expect(fetchMedia(`${base}/file`, open)).rejects.toMatchObject({
      message: expect.stringMatching(/use an http\(s\) URL/),
    });
  });

  test('asks nobody where the address is refused', async () => {
    seen.length = 0;
    await expect(fetchMedia(`${base}/picture.png`, strict)).rejects.toMatchObject(unavailable);
    expect(seen).toEqual([]);
  });
});

describe('what it fetches', () => {
  test('bytes, media type and name, also over a redirect', async () => {
    const { content, ...rest } = await fetchMedia(`${base}/hop`, open);
    expect(rest).toEqual({ mimetype: 'image/png', filename: 'picture.png' });
    expect(await readFile(toInput(content), 'utf8')).toBe('picture');
  });

  test('asks for room as soon as the size is known, and for the most where it is not', async () => {
    const asked: number[] = [];
    const reserve = async (sizeBytes: number) => void asked.push(sizeBytes);
    await fetchMedia(`${base}/hop`, { ...open, reserve });
    await fetchMedia(`${base}/unsized`, { ...open, reserve });
    expect(asked).toEqual(['picture'.length, open.maxBytes]);
  });

  test('reads nothing of a file for which there is no room', async () => {
    const full = new AppError('WORKER_BUSY', 'Too much is under way.');
    const reserve = async () => {
      throw full;
    };
    await expect(fetchMedia(`${base}/endless`, { ...open, reserve })).rejects.toBe(full);
  });

  test.each(['/large', '/endless'])('stops %s at the limit', async (path) => {
    await expect(fetchMedia(base + path, open)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });

  test.each(['/loop', '/empty', '/nothing-here'])('refuses %s with a sentence', async (path) => {
    await expect(fetchMedia(base + path, open)).rejects.toMatchObject(unavailable);
  });

  test('does not wait longer than its time-out', async () => {
    await expect(fetchMedia(`${base}/silent`, { ...open, timeoutMs: 50 })).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringMatching(/too long/),
    });
  });

  test('reads data: URLs, bounded too', async () => {
    const url = `data:image/png;base64,${Buffer.from('picture').toString('base64')}`;
    expect(await fetchMedia(url, strict)).toMatchObject({
      content: Buffer.from('picture'),
      mimetype: 'image/png',
    });
    const large = `data:image/png;base64,${Buffer.alloc(2_000).toString('base64')}`;
    await expect(fetchMedia(large, strict)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });
});
