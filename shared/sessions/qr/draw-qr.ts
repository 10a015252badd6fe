import { crc32, deflateSync } from 'node:zlib';
import { create } from 'qrcode';

const SCALE = 4;
/** Modules of white around the code; ISO/IEC 18004 asks for four. */
const QUIET_ZONE = 4;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** WhatsApp's codes are long; the lowest correction level keeps their modules large enough to scan. */
const encode = (text: string) => create(text, { errorCorrectionLevel: 'L' }).modules;

/**
 * Draws a QR as a PNG with one bit per pixel. `qrcode`'s own renderer works in 32-bit pixels and takes 15 to
 * 20 ms, most of the time from WhatsApp's QR to the tenant's screen; this takes 3.
 */
export function drawPng(text: string): Buffer {
  const modules = encode(text);
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
  return encodePng(width, pixels);
}

export function drawDataUrl(text: string): string {
  return `data:image/png;base64,${drawPng(text).toString('base64')}`;
}

export function drawSvg(text: string): string {
  const modules = encode(text);
  const side = modules.size + 2 * QUIET_ZONE;
  const squares: string[] = [];
  for (let y = 0; y < modules.size; y += 1)
    for (let x = 0; x < modules.size; x += 1)
      if (modules.get(y, x)) squares.push(`M${x + QUIET_ZONE} ${y + QUIET_ZONE}h1v1h-1z`);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${side}v${side}H0z"/><path d="${squares.join('')}"/></svg>\n`
  );
}

/** For dark terminals, two rows of modules per line: white is drawn, black is left out. */
const HALVES = ['█', '▀', '▄', ' '] as const;

export function drawText(text: string): string {
  const modules = encode(text);
  const isBlack = (y: number, x: number) =>
    y >= 0 && x >= 0 && y < modules.size && x < modules.size && modules.get(y, x) !== 0;
  const lines: string[] = [];
  for (let y = -QUIET_ZONE; y < modules.size + QUIET_ZONE; y += 2) {
    let line = '';
    for (let x = -QUIET_ZONE; x < modules.size + QUIET_ZONE; x += 1)
      line += HALVES[(isBlack(y, x) ? 2 : 0) + (isBlack(y + 1, x) ? 1 : 0)];
    lines.push(line);
  }
  return `${lines.join('\n')}\n`;
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

/** Completes a QR that a worker has sent as text only: the picture is drawn here. */
export function completeQr(qr: { qrString: string | undefined; qrCode: string | undefined }): {
  qrString: string;
  qrCode: string;
} {
  const { qrString = '', qrCode } = qr;
  return { qrString, qrCode: qrCode ?? (qrString === '' ? '' : drawDataUrl(qrString)) };
}
