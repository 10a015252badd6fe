import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectTaggingCommand, S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalObjectStore, startObjectStore } from '../../../local/services/start-object-store.ts';
import { createFolderObjectStore } from '../../../worker/storage/folder-object-store.ts';
import type { ObjectStore } from '../../../worker/storage/object-store.ts';
import { openObjectStore } from '../../../worker/storage/open-object-store.ts';
import { createS3ObjectStore } from '../../../worker/storage/s3-object-store.ts';

let emulator: LocalObjectStore;
let folder: string;

beforeAll(async () => {
  emulator = await startObjectStore(undefined);
  folder = await mkdtemp(join(tmpdir(), 'object-store-'));
});
afterAll(async () => {
  await emulator.close();
  await rm(folder, { recursive: true });
});

const settings = () => {
  const { bucket, region, endpoint, accessKeyId, secretAccessKey } = emulator;
  return { bucket, region, endpoint, credentials: { accessKeyId, secretAccessKey }, forcePathStyle: true };
};

describe.each<[string, () => ObjectStore]>([
  ['S3', () => createS3ObjectStore(settings())],
  ['a folder', () => createFolderObjectStore(folder)],
])('objects in %s', (name, open) => {
  const prefix = `sessions/${name.replace(' ', '-')}`;

  it('come back byte for byte, whatever is in them', async () => {
    const store = open();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3_000 }), async (body) => {
        await store.put(`${prefix}/bytes`, body);
        expect(Buffer.from((await store.get(`${prefix}/bytes`)) ?? [])).toEqual(Buffer.from(body));
      }),
      { numRuns: 15 },
    );
    const large = Buffer.alloc(3_000_000, 7);
    await store.put(`${prefix}/large`, large);
    expect(large.equals((await store.get(`${prefix}/large`)) ?? Buffer.alloc(0))).toBe(true);
  });

  it('come from files and go into files', async () => {
    const store = open();
    const [from, to] = [join(folder, `.tmp-from`), join(folder, `.tmp-to`)];
    const body = Buffer.alloc(3_000_000, 'not the same everywhere');
    await writeFile(from, body);
    await store.putFile(`${prefix}/file`, from, { contentType: 'text/plain' });
    expect(body.equals((await store.get(`${prefix}/file`)) ?? Buffer.alloc(0))).toBe(true);
    expect(await store.getFile(`${prefix}/file`, to)).toBe(true);
    expect(body.equals(await readFile(to))).toBe(true);
    expect(await store.getFile(`${prefix}/none`, to)).toBe(false);
  });

  it('are listed by prefix in the order of their keys, over more than one page', async () => {
    const store = open();
    const keys = Array.from({ length: 1_050 }, (_, n) => `${prefix}/many/${String(n).padStart(5, '0')}`);
    for (let at = 0; at < keys.length; at += 50)
      await Promise.all(keys.slice(at, at + 50).map((key) => store.put(key, Buffer.from('x'))));
    const listed = await store.list(`${prefix}/many/`);
    expect(listed.map(({ key }) => key)).toEqual(keys);
    expect(listed[0]?.sizeBytes).toBe(1);
    expect(await store.list(`${prefix}/many/0000`)).toHaveLength(10);
    await store.delete([...keys, `${prefix}/absent`]);
    expect(await store.list(`${prefix}/many/`)).toEqual([]);
  });

  it('that do not exist are undefined', async () => {
    expect(await open().get(`${prefix}/none`)).toBeUndefined();
  });
});

it('S3 objects that are superseded are tagged for the lifecycle rule of the bucket, and readable until then', async () => {
  const { bucket, region, endpoint, credentials } = settings();
  const client = new S3Client({ region, endpoint, credentials, forcePathStyle: true });
  const store = createS3ObjectStore(settings());
  const key = 'sessions/old/auth/1/snapshot';
  await store.put(key, Buffer.from('keys'));
  await store.retire(key);
  const { TagSet } = await client.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: key }));
  expect(TagSet).toEqual([{ Key: 'superseded', Value: 'true' }]);
  expect(await store.get(key)).toBeDefined();
  client.destroy();
});

it('files that are superseded are deleted, since nothing else would', async () => {
  const store = createFolderObjectStore(folder);
  await store.put('sessions/old/auth/1/snapshot', Buffer.from('keys'));
  await store.retire('sessions/old/auth/1/snapshot');
  expect(await store.list('sessions/old/')).toEqual([]);
});

it('a folder keeps any key to itself, and leaves no temporary file', async () => {
  const root = join(folder, 'root');
  const store = createFolderObjectStore(root);
  const keys = ['a/../../escape', 'a/./b', 'spaces and ümläuts/%2e', 'a/*?"<>|'];
  for (const key of keys) await store.put(key, Buffer.from(key));
  for (const key of keys) expect(Buffer.from((await store.get(key)) ?? []).toString()).toBe(key);
  expect((await readdir(folder)).sort()).toEqual(expect.not.arrayContaining(['escape']));
  const files = await readdir(root, { recursive: true });
  expect(files.filter((file) => file.includes('.tmp-'))).toEqual([]);
});

it('media and sessions go to the folders named for them', async () => {
  const [sessionPath, mediaPath] = [join(folder, 'sessions'), join(folder, 'media')];
  const store = await openObjectStore({ kind: 'folder', sessionPath, mediaPath });
  await store.put('media/s-1/images/a', Buffer.from('picture'));
  await store.put('sessions/s-1/auth/1/a', Buffer.from('keys'));
  expect((await createFolderObjectStore(mediaPath).list('media/')).map(({ key }) => key)).toEqual([
    'media/s-1/images/a',
  ]);
  await store.delete(['media/s-1/images/a', 'sessions/s-1/auth/1/a']);
  expect(await store.list('media/')).toEqual([]);
});
