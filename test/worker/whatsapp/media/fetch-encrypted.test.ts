import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCertificate } from '../../../../sandbox/media/certificate.ts';
import { encryptMedia } from '../../../../sandbox/media/media-crypto.ts';
import { createTemporaryFile } from '../../../../worker/storage/temporary-file.ts';
import { fetchEncrypted, TooLarge } from '../../../../worker/whatsapp/media/fetch-encrypted.ts';

const PLAIN = Buffer.from('a file that arrived');
const { mediaKey, encrypted: blob } = encryptMedia('image', PLAIN);

/** What the host sends for each path; nothing for others, ever. */
const FILES: Record<string, Buffer> = {
  '/whole': blob,
  '/damaged': Buffer.from(blob.map((byte, index) => (index === 3 ? byte ^ 1 : byte))),
  '/cut': blob.subarray(0, 5),
};
/** One byte a packet, so that neither blocks nor the MAC come in one piece. */
async function drip(response: ServerResponse): Promise<void> {
  for (const byte of blob) await new Promise((resolve) => response.write(Buffer.of(byte), resolve));
  response.end();
}
let server: Server;
let base: string;
beforeAll(async () => {
  const { key, cert } = await createCertificate();
  setDefaultCACertificates([...getCACertificates('default'), cert]);
  server = createServer({ key, cert }, ({ url = '' }, response) => {
    if (url === '/missing') response.writeHead(404).end();
    else if (url === '/stalled') response.writeHead(200).write(blob.subarray(0, 8));
    else if (url === '/byte-by-byte') void drip(response);
    else if (FILES[url] !== undefined) response.end(FILES[url]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function fetchFile(path: string, maxBytes = 1_000, signal = AbortSignal.timeout(60_000)) {
  const file = await createTemporaryFile();
  const options = { path: file.path, maxBytes, signal };
  const told = await fetchEncrypted({ url: base + path, mediaKey, type: 'image' }, options);
  const bytes = await readFile(file.path);
  file.remove();
  return { ...told, bytes };
}
const WHOLE = {
  bytes: PLAIN,
  sizeBytes: PLAIN.length,
  sha256: createHash('sha256').update(PLAIN).digest(),
};

test('gives the very bytes, also where they are as many as may be', async () => {
  expect(await fetchFile('/whole')).toEqual(WHOLE);
  expect(await fetchFile('/whole', PLAIN.length)).toEqual(WHOLE);
});

test('gives the same bytes however they come', async () => {
  expect(await fetchFile('/byte-by-byte')).toEqual(WHOLE);
});

test.each(['/damaged', '/cut', '/missing'])('gives nothing of a file that is %s', async (path) => {
  await expect(fetchFile(path)).rejects.toThrow(/damaged|incomplete|404/);
});

test('stops reading what is larger than it may be', async () => {
  FILES['/large'] = Buffer.alloc(100_000);
  await expect(fetchFile('/large')).rejects.toThrow(TooLarge);
  await expect(fetchFile('/whole', PLAIN.length - 1)).rejects.toThrow(TooLarge);
});

test.each(['/stalled', '/silent'])(
  'a host that is %s holds nothing up for longer than the signal',
  async (path) => {
    const controller = new AbortController();
    server.once('request', () => setImmediate(() => controller.abort()));
    await expect(fetchFile(path, 1_000, controller.signal)).rejects.toThrow(/abort/i);
  },
);
