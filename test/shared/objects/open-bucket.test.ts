import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalObjectStore, startObjectStore } from '../../../local/services/start-object-store.ts';
import { openBucket } from '../../../shared/objects/open-bucket.ts';
import { createS3ObjectStore } from '../../../worker/storage/s3-object-store.ts';

const ODD_KEYS = ['a b+c.txt', "it's (1)!*.txt", 'ümlaut/日本.txt', 'x&y<z>.txt', 'plain/deep/key.ndjson'];
const bytes = (text: string) => new TextEncoder().encode(text);

let local: LocalObjectStore;
const bucketOf = (options: Partial<Parameters<typeof openBucket>[0]> = {}) =>
  openBucket({
    ...local,
    credentials: async () => ({ accessKeyId: local.accessKeyId, secretAccessKey: local.secretAccessKey }),
    ...options,
  });
const storeOf = () =>
  createS3ObjectStore({
    ...local,
    forcePathStyle: true,
    credentials: { accessKeyId: local.accessKeyId, secretAccessKey: local.secretAccessKey },
  });

beforeAll(async () => {
  local = await startObjectStore(undefined);
});
afterAll(() => local.close());

describe('a bucket', () => {
  it('reads, over the wire, what the worker wrote with the SDK, whatever the key', async () => {
    const store = storeOf();
    const bucket = bucketOf();
    for (const key of ODD_KEYS) await store.put(`odd/${key}`, bytes(key), { contentType: 'text/plain' });
    const listed = await bucket.list('odd/');
    expect(listed.map(({ key }) => key).toSorted()).toEqual(ODD_KEYS.map((key) => `odd/${key}`).toSorted());
    for (const { key, sizeBytes } of listed) {
      const body = await bucket.get(key);
      expect(new TextDecoder().decode(body)).toBe(key.slice('odd/'.length));
      expect(sizeBytes).toBe(body?.length);
      expect(await bucket.head(key)).toEqual({ sizeBytes, mimetype: 'text/plain' });
    }
  });

  it('has nothing for a key that is not there', async () => {
    expect(await bucketOf().get('nowhere')).toBeUndefined();
    expect(await bucketOf().head('nowhere')).toBeUndefined();
  });

  it('reads every page of a long list', async () => {
    const store = storeOf();
    const keys = Array.from({ length: 7 }, (_, index) => `long/${index}`);
    await Promise.all(keys.map((key) => store.put(key, bytes('x'))));
    const bucket = bucketOf({ fetch: (url, init) => fetch(`${String(url)}&max-keys=2`, init) });
    expect((await bucket.list('long/')).map(({ key }) => key)).toEqual(keys);
  });

  it('signs URLs by which somebody without credentials uploads and downloads', async () => {
    const bucket = bucketOf();
    const key = 'media/s 1/ü.bin';
    const uploadUrl = await bucket.signPut(key, { expiresS: 60, mimetype: 'image/png', sizeBytes: 3 });
    const put = await fetch(uploadUrl, {
      method: 'PUT',
      body: bytes('abc'),
      headers: { 'content-type': 'image/png' },
    });
    expect(put.status).toBe(200);
    const got = await fetch(await bucket.signGet(key, { expiresS: 60, filename: 'ü.png' }));
    expect(await got.text()).toBe('abc');
  });

  it('signs as AWS documents it, to the last digit', async () => {
    // "Authenticating Requests: Using Query Parameters", Amazon S3 API reference; its example is of 2013.
    const bucket = openBucket({
      bucket: 'examplebucket',
      region: 'us-east-1',
      host: 'examplebucket.s3.amazonaws.com',
      credentials: async () => ({
        accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
        secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      }),
      now: () => Date.parse('2013-05-24T00:00:00Z'),
    });
    const url = new URL(await bucket.signGet('test.txt', { expiresS: 86_400 }));
    expect(url.searchParams.get('X-Amz-Signature')).toBe(
      'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    );
  });

  it('binds an upload to the declared type and length', async () => {
    const url = new URL(await bucketOf().signPut('k', { expiresS: 60, mimetype: 'image/png', sizeBytes: 3 }));
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;content-type;host');
  });

  it('tries three times, then says that storage is away', async () => {
    let calls = 0;
    const bucket = bucketOf({
      fetch: async () => {
        calls += 1;
        return new Response(null, { status: 503 });
      },
    });
    await expect(bucket.get('k')).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    expect(calls).toBe(3);
  });

  it('gives up at once when its caller does', async () => {
    const gone = AbortSignal.abort();
    await expect(bucketOf().get('k', { signal: gone })).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    });
  });
});
