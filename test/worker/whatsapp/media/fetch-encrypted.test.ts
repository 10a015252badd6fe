import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCertificate } from '../../../../sandbox/media/certificate.ts';
import { encryptMedia } from '../../../../sandbox/media/media-crypto.ts';
import { fetchEncrypted, TooLarge } from '../../../../worker/whatsapp/media/fetch-encrypted.ts';

const PLAIN = Buffer.from('a file that arrived');
const { mediaKey, encrypted: blob } = encryptMedia('image', PLAIN);

/** What the host sends for each path; nothing for others, ever. */
const FILES: Record<string, Buffer> = {
  '/whole': blob,
  '/damaged': Buffer.from(blob.map((byte, index) => (index === 3 ? byte ^ 1 : byte))),
  '/cut': blob.subarray(0, 5),
};
let server: Server;
let base: string;
beforeAll(async () => {
  const { key, cert } = await createCertificate();
  setDefaultCACertificates([...getCACertificates('default'), cert]);
  server = createServer({ key, cert }, ({ url = '' }, response) => {
    if (url === '/missing') response.writeHead(404).end();
    else if (url === '/stalled') response.writeHead(200).write(blob.subarray(0, 8));
    else if (FILES[url] !== undefined) response.end(FILES[url]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const fetchFile = (path: string, maxBytes = 1_000, signal = AbortSignal.timeout(60_000)) =>
  fetchEncrypted({ url: base + path, mediaKey, type: 'image' }, { maxBytes, signal });

test('gives the very bytes, also where they are as many as may be', async () => {
  expect(await fetchFile('/whole')).toEqual(PLAIN);
  expect(await fetchFile('/whole', PLAIN.length)).toEqual(PLAIN);
});

test.each(['/damaged', '/cut', '/missing'])('gives nothing of a file that is %s', async (path) => {
  await expect(fetchFile(path)).rejects.toThrow(/damaged|incomplete|404/);
});

test('stops reading what is larger than it may be', async () => {
  FILES['/large'] = Buffer.alloc(100_000);
  await expect(fetchFile('/large')).rejects.toThrow(TooLarge);
});

test.each(['/stalled', '/silent'])(
  'a host that is %s holds nothing up for longer than the signal',
  async (path) => {
    const controller = new AbortController();
    server.once('request', () => setImmediate(() => controller.abort()));
    await expect(fetchFile(path, 1_000, controller.signal)).rejects.toThrow(/abort/i);
  },
);
