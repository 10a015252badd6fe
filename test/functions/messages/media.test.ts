import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { resolveMedia } from '../../../functions/messages/sending/resolve-media.ts';
import { type LocalObjectStore, startObjectStore } from '../../../local/services/start-object-store.ts';
import { mediaKey, uploadKey } from '../../../shared/messages/media/media-id.ts';
import { MAX_UPLOAD_BYTES, MEBIBYTE } from '../../../shared/messages/media/media-types.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import { type ControlPlane, startControlPlane } from '../../../testing/control-plane/control-plane.ts';
import { type FakeWorker, sends } from '../../../testing/control-plane/fake-worker.ts';
import { connectedTenant, createSession } from '../../../testing/control-plane/scenario.ts';
import { bucketOf } from '../../../testing/storage/bucket-of.ts';

const FRIEND = '6289876543210';
const BYTES = Buffer.from('not really a picture');

interface Place {
  mediaId: string;
  uploadUrl: string;
  method: string;
  headers: Record<string, string>;
  expiresAt: string;
}

let store: LocalObjectStore;
let plane: ControlPlane;
let worker: FakeWorker;
let token: string;
let session: SessionItem;
beforeAll(async () => {
  store = await startObjectStore(undefined);
});
afterAll(() => store.close());
beforeEach(async () => {
  plane = await startControlPlane({ objects: bucketOf(store) });
  // Sessions are made well before any file, by the storage's own clock.
  plane.clock.now = Date.now() - 3_600_000;
  ({ token, session, worker } = await connectedTenant(plane));
  worker.replies = { workerSend: sends };
});
afterEach(() => Promise.all([worker.close(), plane.close()]));

const pathOf = (sessionId: string, rest: string) => `/api/v1/sessions/${sessionId}/${rest}`;
const place = (body: object, sessionId = session.sessionId) =>
  plane.call<Place>('POST', pathOf(sessionId, 'media'), { token, body });
const picture = { mimetype: 'image/png', sizeBytes: BYTES.length, filename: 'cat.png' };
const upload = ({ uploadUrl, headers }: Place) => fetch(uploadUrl, { method: 'PUT', headers, body: BYTES });
const send = (body: object) =>
  plane.call('POST', pathOf(session.sessionId, 'send'), { token, body: { to: FRIEND, ...body } });
const get = (mediaId: string, sessionId = session.sessionId) =>
  plane.call('GET', pathOf(sessionId, `media/${mediaId}`), { token });
/** As a worker of another session would have it. */
const put = (key: string, body: Buffer) =>
  plane.deps.objects
    .signPut(key, { mimetype: 'image/png', sizeBytes: body.length, expiresS: 60 })
    .then((url) => fetch(url, { method: 'PUT', headers: { 'content-type': 'image/png' }, body }));

describe('a place to upload to', () => {
  it('takes the file by a signed PUT, which binds its type and its length', async () => {
    const { status, data } = await place(picture);
    expect(status).toBe(201);
    expect(data).toMatchObject({
      method: 'PUT',
      headers: { 'content-type': 'image/png', 'content-length': String(BYTES.length) },
      filename: 'cat.png',
    });
    expect(Date.parse(data.expiresAt)).toBeGreaterThan(plane.clock.now);
    const signed = new URL(data.uploadUrl).searchParams.get('X-Amz-SignedHeaders')?.split(';');
    expect(signed).toEqual(expect.arrayContaining(['content-length', 'content-type', 'host']));
    expect((await upload(data)).status).toBe(200);
    const kept = await plane.deps.objects.get(uploadKey(session.sessionId, data.mediaId));
    expect(Buffer.from(kept ?? [])).toEqual(BYTES);
  });

  it.each([
    ['a longer file', {}, Buffer.concat([BYTES, BYTES])],
    ['a shorter file', {}, BYTES.subarray(1)],
    ['another type', { 'content-type': 'image/jpeg' }, BYTES],
    ['no type', { 'content-type': '' }, BYTES],
  ])('takes nothing else: %s is refused as S3 refuses it', async (_, headers, body) => {
    const { data } = await place(picture);
    const { 'content-length': __, ...declared } = data.headers;
    const answer = await fetch(data.uploadUrl, {
      method: 'PUT',
      headers: { ...declared, ...headers },
      body,
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([403, 'application/xml']);
    expect(await answer.text()).toContain('<Code>SignatureDoesNotMatch</Code>');
    expect(await plane.deps.objects.head(uploadKey(session.sessionId, data.mediaId))).toBeUndefined();
  });

  it('takes nothing under another key, or by a signature of somebody else', async () => {
    const [one, other] = [(await place(picture)).data, (await place(picture)).data];
    const moved = new URL(one.uploadUrl);
    moved.pathname = new URL(other.uploadUrl).pathname;
    const forged = new URL(one.uploadUrl);
    forged.searchParams.set('X-Amz-Signature', '0'.repeat(64));
    for (const uploadUrl of [moved.href, forged.href])
      expect((await upload({ ...one, uploadUrl })).status).toBe(403);
  });

  it.each([
    { mimetype: 'image/png' },
    { sizeBytes: 5 },
    { mimetype: 'png', sizeBytes: 5 },
    { mimetype: 'image/png\r\nx-evil: 1', sizeBytes: 5 },
    { mimetype: 'image/png', sizeBytes: 0 },
    { mimetype: 'video/mp4', sizeBytes: MAX_UPLOAD_BYTES + 1 },
  ])('is not given for %j', async (body) => {
    expect(await place(body)).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
  });

  it('is 503 with a sentence where no bucket is set up', async () => {
    const bare = await startControlPlane();
    try {
      const { token: theirs } = await bare.signUp();
      const sessionId = await createSession(bare, theirs);
      const options = { token: theirs, body: picture };
      const answer = await bare.call('POST', pathOf(sessionId, 'media'), options);
      expect(answer).toMatchObject({ status: 503, code: 'STORAGE_UNAVAILABLE' });
    } finally {
      await bare.close();
    }
  });
});

describe('sending an upload', () => {
  it('hands the worker what it was declared to be', async () => {
    const { data } = await place(picture);
    expect((await send({ type: 'image', media: { mediaId: data.mediaId, caption: 'A cat' } })).status).toBe(
      200,
    );
    expect(worker.callsOf('workerSend')[0]?.body['media']).toEqual({
      mediaId: data.mediaId,
      caption: 'A cat',
      mimetype: 'image/png',
      filename: 'cat.png',
      sizeBytes: BYTES.length,
    });
  });

  it('does not believe what the request says of its size', async () => {
    const { data } = await place(picture);
    await send({ type: 'image', media: { mediaId: data.mediaId, sizeBytes: 1 } });
    expect(worker.callsOf('workerSend')[0]?.body['media']).toMatchObject({ sizeBytes: BYTES.length });
  });

  it('is checked at acceptance also where it is sent later or in bulk', async () => {
    const { data } = await place(picture);
    const later = await send({ type: 'document', media: { mediaId: 'ui00' }, async: true });
    expect(later).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    const messages = [{ to: FRIEND, type: 'audio', media: { mediaId: data.mediaId } }];
    const bulk = await plane.call('POST', pathOf(session.sessionId, 'send/bulk'), {
      token,
      body: { messages },
    });
    expect(bulk).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
  });

  it('answers another session’s upload as a missing one', async () => {
    const other = await createSession(plane, token, 'Other');
    const { data } = await place(picture, other);
    const theirs = await send({ type: 'image', media: { mediaId: data.mediaId } });
    const missing = await send({ type: 'image', media: { mediaId: `ui${'0'.repeat(32)}` } });
    expect(theirs).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect({ ...theirs.body, requestId: '' }).toEqual({ ...missing.body, requestId: '' });
    expect(worker.callsOf('workerSend')).toHaveLength(0);
  });

  it('is refused where the file is larger than WhatsApp takes of that type, though not as a document', async () => {
    const { data } = await place({ mimetype: 'image/png', sizeBytes: 17 * MEBIBYTE });
    const media = { mediaId: data.mediaId };
    expect(await send({ type: 'image', media })).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
    expect((await send({ type: 'document', media })).status).toBe(200);
  });

  it('of an earlier session with the same id is none of this one’s', async () => {
    const { data } = await place(picture);
    plane.clock.now += 60_000;
    const anew = { ...session, createdAt: new Date(plane.clock.now).toISOString() };
    const body = { to: FRIEND, type: 'image' as const, media: { mediaId: data.mediaId } };
    await expect(resolveMedia(plane.deps, anew, body)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await resolveMedia(plane.deps, session, body)).toMatchObject({ media: { filename: 'cat.png' } });
  });

  it('is not known any more after 30 days', async () => {
    const { data } = await place(picture);
    plane.clock.now += 31 * 24 * 3_600_000;
    const fresh = await plane.deps.stores.media.get(session.sessionId, data.mediaId);
    expect(fresh).toBeUndefined();
  });
});

describe('sending on what was received', () => {
  const received = `i${'d'.repeat(32)}`;
  /** The storage has a clock of its own. */
  const since = (at: number) => ({ ...session, createdAt: new Date(at).toISOString() });
  const resolve = (mediaId: string, owner = since(0), type: 'image' | 'audio' = 'image') =>
    resolveMedia(plane.deps, owner, { to: FRIEND, type, media: { mediaId, caption: 'A cat' } });
  beforeEach(() => put(mediaKey(session.sessionId, received), BYTES));

  it('hands the worker what the file is', async () => {
    expect((await resolve(received)).media).toEqual({
      mediaId: received,
      caption: 'A cat',
      mimetype: 'image/png',
      sizeBytes: BYTES.length,
    });
  });

  it('is refused where the file does not suit the type', async () => {
    await expect(resolve(received, since(0), 'audio')).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
  });

  it('is 404 for another session’s file, for what an earlier session of the same id had, and for nonsense', async () => {
    const other = { ...since(0), sessionId: await createSession(plane, token, 'Other') };
    const tries = [
      resolve(received, other),
      resolve(received, since(Date.now() + 60_000)),
      resolve(`i${'e'.repeat(32)}`),
      resolve('../secrets'),
    ];
    for (const each of await Promise.allSettled(tries))
      expect(each).toMatchObject({ status: 'rejected', reason: { code: 'NOT_FOUND' } });
  });
});

describe('fetching a file', () => {
  it('redirects to a signed URL that gives the very bytes, under the name it was uploaded with', async () => {
    const { data } = await place(picture);
    await upload(data);
    const { status, headers, text } = await get(data.mediaId);
    expect({ status, text }).toEqual({ status: 302, text: '' });
    const file = await fetch(headers['location'] ?? '');
    expect(Buffer.from(await file.arrayBuffer())).toEqual(BYTES);
    expect(new URL(headers['location'] ?? '').searchParams.get('response-content-disposition')).toContain(
      'cat.png',
    );
    expect(headers['cache-control']).toBe('no-store');
  });

  it('finds a file that a worker has kept', async () => {
    const mediaId = `d${'a'.repeat(32)}`;
    await put(mediaKey(session.sessionId, mediaId), BYTES);
    const { headers } = await get(mediaId);
    expect(Buffer.from(await (await fetch(headers['location'] ?? '')).arrayBuffer())).toEqual(BYTES);
  });

  it('answers 404 for what an earlier session of the same id has left, received or uploaded', async () => {
    const { data } = await place(picture);
    await upload(data);
    const received = `i${'d'.repeat(32)}`;
    await put(mediaKey(session.sessionId, received), BYTES);
    const anew = async (createdAt: number) => {
      const found = { ...session, createdAt: new Date(createdAt).toISOString() };
      plane.deps.stores.sessions = { ...plane.deps.stores.sessions, get: async () => found };
      return [(await get(data.mediaId)).status, (await get(received)).status];
    };
    expect(await anew(Date.parse(session.createdAt))).toEqual([302, 302]);
    // Between the declaration and the upload; then after both, by the storage's clock too.
    expect(await anew(plane.clock.now + 60_000)).toEqual([404, 302]);
    expect(await anew(Date.now() + 3_600_000)).toEqual([404, 404]);
  });

  it('answers 404 for what was never uploaded, for nonsense, and for another session’s file', async () => {
    const { data } = await place(picture);
    const other = await createSession(plane, token, 'Other');
    const theirs = `i${'b'.repeat(32)}`;
    await put(mediaKey(other, theirs), BYTES);
    for (const mediaId of [data.mediaId, theirs, 'x', '..', `i${'c'.repeat(32)}`])
      expect(await get(mediaId)).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect((await get(theirs, other)).status).toBe(302);
  });
});
