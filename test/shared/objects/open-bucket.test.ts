import { ListObjectsV2Command, NoSuchKey, NotFound, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalObjectStore, startObjectStore } from '../../../local/services/start-object-store.ts';
import { openBucket } from '../../../shared/objects/open-bucket.ts';
import { bucketOf } from '../../../testing/storage/bucket-of.ts';
import { createS3ObjectStore } from '../../../worker/storage/s3-object-store.ts';

const ODD_KEYS = ['a b+c.txt', "it's (1)!*.txt", 'ümlaut/日本.txt', 'x&y<z>.txt', 'plain/deep/key.ndjson'];
const bytes = (text: string) => new TextEncoder().encode(text);

let local: LocalObjectStore;
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
    const bucket = bucketOf(local);
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
    expect(await bucketOf(local).get('nowhere')).toBeUndefined();
    expect(await bucketOf(local).head('nowhere')).toBeUndefined();
  });

  it('signs URLs by which somebody without credentials uploads and downloads', async () => {
    const bucket = bucketOf(local);
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

  it('binds an upload to the declared type and length', async () => {
    const url = new URL(
      await bucketOf(local).signPut('k', { expiresS: 60, mimetype: 'image/png', sizeBytes: 3 }),
    );
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;content-type;host');
  });

  it('refuses an upload of another type or length than was declared', async () => {
    const url = await bucketOf(local).signPut('k', { expiresS: 60, mimetype: 'image/png', sizeBytes: 3 });
    const put = (type: string, body: string) =>
      fetch(url, { method: 'PUT', headers: { 'content-type': type }, body: bytes(body) });
    expect((await put('text/html', 'abc')).status).toBe(403);
    expect((await put('image/png', 'abcd')).status).toBe(403);
    expect((await put('image/png', 'abc')).status).toBe(200);
  });

  it('gives up at once when its caller does', async () => {
    const gone = AbortSignal.abort();
    await expect(bucketOf(local).get('k', { signal: gone })).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    });
  });
});

describe('a bucket whose answers are made up', () => {
  function fakeBucket() {
    const client = new S3Client({ region: 'us-east-1' });
    return { sent: mockClient(client), bucket: openBucket({ client, bucket: 'b' }) };
  }
  const $metadata = (httpStatusCode: number) => ({ message: '', $metadata: { httpStatusCode } });

  it.each([
    ['is throttled', Object.assign(new Error(), { name: 'SlowDown', ...$metadata(503) })],
    ['refuses', Object.assign(new Error(), { name: 'AccessDenied', ...$metadata(403) })],
    ['answers too late', Object.assign(new Error(), { name: 'TimeoutError' })],
  ])('is STORAGE_UNAVAILABLE where it %s', async (_, failure) => {
    const { sent, bucket } = fakeBucket();
    sent.rejects(failure);
    for (const asked of [bucket.get('k'), bucket.head('k'), bucket.list('p')])
      await expect(asked).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  });

  it('has nothing for a key that is not there, under either of S3’s names for that', async () => {
    const { sent, bucket } = fakeBucket();
    sent.rejectsOnce(new NoSuchKey($metadata(404))).rejectsOnce(new NotFound($metadata(404)));
    expect([await bucket.get('k'), await bucket.head('k')]).toEqual([undefined, undefined]);
  });

  it('reads every page of a long list', async () => {
    const { sent, bucket } = fakeBucket();
    sent
      .on(ListObjectsV2Command)
      .resolvesOnce({ Contents: [{ Key: 'a', Size: 1 }], IsTruncated: true, NextContinuationToken: 'n' })
      .resolvesOnce({ Contents: [{ Key: 'b', LastModified: new Date(5) }], IsTruncated: false });
    expect(await bucket.list('p')).toEqual([
      { key: 'a', sizeBytes: 1, modifiedAt: 0 },
      { key: 'b', sizeBytes: 0, modifiedAt: 5 },
    ]);
    const asked = sent.commandCalls(ListObjectsV2Command).map(({ args: [{ input }] }) => input);
    expect(asked.map(({ ContinuationToken }) => ContinuationToken)).toEqual([undefined, 'n']);
  });
});
