import { access, readFile } from 'node:fs/promises';
import pino from 'pino';
import { beforeEach, expect, test } from 'vitest';
import {
  mediaKey,
  newUploadId,
  receivedMediaId,
  uploadKey,
} from '../../../../shared/messages/media/media-id.ts';
import { MAX_BYTES, MEBIBYTE } from '../../../../shared/messages/media/media-types.ts';
import type { MediaType, UploadedMedia } from '../../../../shared/messages/schema.ts';
import { MapStore } from '../../../../testing/storage/map-store.ts';
import { type ByteBudget, createMediaBudget } from '../../../../worker/sessions/byte-budget.ts';
import { type OpenedMedia, openMedia } from '../../../../worker/sessions/sending/outgoing-media.ts';

const SESSION = 'user-1-main';
const BYTES = Buffer.from('not really a picture');
const log = pino({ level: 'silent' });

let store: MapStore;
let budget: ByteBudget;
beforeEach(() => {
  store = new MapStore();
  budget = createMediaBudget(2 ** 30);
});
const bytesOf = async (opened: OpenedMedia | undefined) => {
  if (opened === undefined || Buffer.isBuffer(opened.content)) throw new Error('not a file');
  return await readFile(opened.content.path);
};

const open = (media: UploadedMedia, type: MediaType = 'image', sessionId = SESSION) => {
  const settings = {
    maxBytes: 64 * MEBIBYTE,
    fetchTimeoutMs: 5_000,
    downloadTimeoutMs: 5_000,
    allowPrivate: false,
    budgetWaitMs: 5_000,
    downloadBudgetWaitMs: 5_000,
  };
  return openMedia({ sessionId, store, budget, settings, log }, { type, media });
};
async function uploaded(bytes: Uint8Array = BYTES, kind = 'image'): Promise<string> {
  const mediaId = newUploadId(kind);
  await store.put(uploadKey(SESSION, mediaId), bytes);
  return mediaId;
}

test('an upload is sent as it is, and stays with the session from then on', async () => {
  const mediaId = await uploaded();
  const declared = { mimetype: 'image/png', filename: 'cat.png', sizeBytes: BYTES.length };
  const opened = await open({ mediaId, ...declared });
  expect(opened).toMatchObject({ mimetype: 'image/png', filename: 'cat.png' });
  expect(await bytesOf(opened)).toEqual(BYTES);
  // What the bucket's rule does a day later.
  await store.delete([uploadKey(SESSION, mediaId)]);
  const kept = await store.get(`media/${SESSION}/images/${mediaId}`);
  expect(Buffer.from(kept ?? [])).toEqual(BYTES);
  expect(await bytesOf(await open({ mediaId }))).toEqual(BYTES);
});

test('a message is sent also where its file cannot be kept', async () => {
  const mediaId = await uploaded();
  store.putFile = async () => {
    throw new Error('storage is full');
  };
  expect(await bytesOf(await open({ mediaId }))).toEqual(BYTES);
});

test('a received file can be sent on by its id', async () => {
  const mediaId = receivedMediaId('document', 'a'.repeat(32));
  await store.put(mediaKey(SESSION, mediaId), BYTES);
  expect(await bytesOf(await open({ mediaId }, 'document'))).toEqual(BYTES);
});

test.each([
  [
    'was never uploaded',
    async () => ({ mediaId: newUploadId('image') }),
    'MEDIA_UNAVAILABLE',
    /never uploaded/,
  ],
  ['is no id', async () => ({ mediaId: '../../sessions/x' }), 'MEDIA_UNAVAILABLE', /never uploaded/],
  [
    'has another size than was declared',
    async () => ({ mediaId: await uploaded(), sizeBytes: 3 }),
    'MEDIA_UNAVAILABLE',
    /20 bytes, not the 3/,
  ],
  [
    'is larger than WhatsApp takes of its type',
    async () => ({ mediaId: await uploaded(Buffer.alloc(MAX_BYTES.image + 1)) }),
    'PAYLOAD_TOO_LARGE',
    /16 MiB/,
  ],
])('what %s is refused with a sentence', async (_, media, code, sentence) => {
  await expect(open(await media())).rejects.toMatchObject({
    code,
    message: expect.stringMatching(sentence),
  });
});

test('another session’s upload is as good as none', async () => {
  const mediaId = await uploaded();
  await expect(open({ mediaId }, 'image', 'user-2-main')).rejects.toMatchObject({
    code: 'MEDIA_UNAVAILABLE',
  });
});

test('storage that fails says so, and may be tried again', async () => {
  const mediaId = await uploaded();
  store.getFile = async () => {
    throw new Error('connection reset');
  };
  await expect(open({ mediaId })).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
});

test('a file takes room, on disk and in the budget, until it is released', async () => {
  const opened = await open({ mediaId: await uploaded() });
  const { content } = opened ?? {};
  if (content === undefined || Buffer.isBuffer(content)) throw new Error('not a file');
  // Itself and its encrypted copy.
  expect(budget.heldBytes).toBe(2 * BYTES.length);
  opened?.release();
  expect(budget.heldBytes).toBe(0);
  await expect
    .poll(() =>
      access(content.path)
        .then(() => 'there')
        .catch(() => 'gone'),
    )
    .toBe('gone');
});

test('what cannot be opened takes no room', async () => {
  const mediaId = await uploaded();
  store.getFile = async () => {
    throw new Error('connection reset');
  };
  await expect(open({ mediaId })).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  expect(budget.heldBytes).toBe(0);
});
