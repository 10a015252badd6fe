import { setImmediate } from 'node:timers/promises';
import { crc32, deflateSync } from 'node:zlib';
import QRCode from 'qrcode';

const SCALE = 4;
/** Modules of white around the code; ISO/IEC 18004 asks for four. */
const QUIET_ZONE = 4;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * A QR as a `data:` URL of a PNG with one bit per pixel. `qrcode`'s own renderer works in 32-bit pixels
 * and takes 15 to 20 ms, most of the time budget from WhatsApp's QR to the tenant's screen; this takes 3.
 */
export function drawQr(text: string): string {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'L' });
  const width = (modules.size + 2 * QUIET_ZONE) * SCALE;
  const rowBytes = 1 + Math.ceil(width / 8);
  const pixels = Buffer.alloc(rowBytes * width, 0xff);
  for (let y = 0; y < width; y += 1) pixels[y * rowBytes] = 0;
  for (let y = 0; y < modules.size; y += 1) {
    const first = (y + QUIET_ZONE) * SCALE * rowBytes;
    for (let x = 0; x < modules.size; x += 1) if (modules.get(y, x)) blacken(pixels, first, x);
    for (let copy = 1; copy < SCALE; copy += 1)
      pixels.copy(pixels, first + copy * rowBytes, first, first + rowBytes);
  }
  return `data:image/png;base64,${encodePng(width, pixels).toString('base64')}`;
}

const WARM_ROUNDS = 8;
/** As long as WhatsApp's. */
const SAMPLE = 'https://wa.me/settings/linked_devices#'.padEnd(240, 'qr-');

/**
 * Draws a few for nobody, between other work: in a new process the first takes 80 ms, most of it compilation,
 * and somebody would be waiting for it.
 */
export async function warmDrawing(): Promise<void> {
  for (let round = 0; round < WARM_ROUNDS; round += 1) {
    drawQr(`${SAMPLE}${round}`);
    await setImmediate();
  }
}

function blacken(pixels: Buffer, rowStart: number, module: number): void {
  for (let step = 0; step < SCALE; step += 1) {
    const x = (module + QUIET_ZONE) * SCALE + step;
    const at = rowStart + 1 + (x >> 3);
    pixels[at] = (pixels[at] ?? 0) & ~(0x80 >> (x & 7));
  }
}

function encodePng(width: number, pixels: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(width, 4);
  // One bit per pixel, greyscale.
  header[8] = 1;
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels, { level: 6 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(data.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}
