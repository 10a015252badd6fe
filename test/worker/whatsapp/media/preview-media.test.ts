import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import {
  decodedBytes,
  MOST_DECODED_BYTES,
  previewMedia,
} from '../../../../worker/whatsapp/media/preview-media.ts';

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#336699' } });

test('a picture has a thumbnail of 32 pixels, and its own size beside it', async () => {
  const preview = await previewMedia('image', await picture(640, 480).png().toBuffer());
  expect(preview).toMatchObject({ width: 640, height: 480 });
  const thumbnail = await sharp(Buffer.from(preview.jpegThumbnail ?? '', 'base64')).metadata();
  expect(thumbnail).toMatchObject({ format: 'jpeg', width: 32, height: 24 });
});

/** A PNG that says of itself what is asked, with a few rows of data. */
function claimed(width: number, height: number, interlaced: boolean): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    crc.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, crc]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, interlaced ? 1 : 0], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(64))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

test('a picture that would fill the memory is sent with its size and without a thumbnail', async () => {
  expect(await previewMedia('image', claimed(16_000, 16_000, true))).toEqual({
    jpegThumbnail: null,
    width: 16_000,
    height: 16_000,
  });
});

test('what takes memory is the whole of an interlaced picture, and some rows of another', async () => {
  const of = async (interlaced: boolean) =>
    decodedBytes(await sharp(claimed(16_000, 16_000, interlaced), { limitInputPixels: false }).metadata());
  expect(await of(true)).toBe(3 * 16_000 ** 2);
  expect(await of(false)).toBeLessThan(MOST_DECODED_BYTES);
});

test.each(['image', 'audio'] as const)(
  'a file of type %s that is none of its type has no preview',
  async (type) => {
    const preview = await previewMedia(type, Buffer.from('not what it says'));
    expect(preview.jpegThumbnail).toBeNull();
  },
);

test('a recording has its length in seconds', async () => {
  const seconds = 3;
  const wave = Buffer.alloc(44 + 8_000 * seconds);
  wave.write('RIFF', 0);
  wave.writeUInt32LE(wave.length - 8, 4);
  wave.write('WAVEfmt ', 8);
  wave.writeUInt32LE(16, 16);
  wave.writeUInt16LE(1, 20);
  wave.writeUInt16LE(1, 22);
  wave.writeUInt32LE(8_000, 24);
  wave.writeUInt32LE(8_000, 28);
  wave.writeUInt16LE(1, 32);
  wave.writeUInt16LE(8, 34);
  wave.write('data', 36);
  wave.writeUInt32LE(8_000 * seconds, 40);
  expect(await previewMedia('audio', wave)).toMatchObject({ seconds });
});
