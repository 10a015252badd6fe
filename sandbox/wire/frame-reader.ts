const routingMark = Buffer.from('ED');
const header = Buffer.from([0x57, 0x41, 6, 3]);

/**
 * Cuts the byte stream of a client into frames: an optional routing prefix (`ED`, 7 bytes and the
 * info), the `WA` header once, then frames with a 3-byte big-endian length.
 */
export class FrameReader {
  #buffered: Buffer = Buffer.alloc(0);
  #begun = false;

  /** The frames that are complete by now. Throws when the stream does not begin as WhatsApp's. */
  push(data: Buffer): Buffer[] {
    this.#buffered = this.#buffered.length === 0 ? data : Buffer.concat([this.#buffered, data]);
    if (!this.#begun && !this.#readIntro()) return [];
    const frames: Buffer[] = [];
    while (this.#buffered.length >= 3) {
      const length = this.#buffered.readUIntBE(0, 3);
      if (this.#buffered.length < 3 + length) break;
      frames.push(this.#buffered.subarray(3, 3 + length));
      this.#buffered = this.#buffered.subarray(3 + length);
    }
    return frames;
  }

  #readIntro(): boolean {
    let offset = 0;
    if (this.#buffered.length < header.length) return false;
    if (this.#buffered.subarray(0, 2).equals(routingMark)) {
      if (this.#buffered.length < 7) return false;
      offset = 7 + this.#buffered.readUIntBE(4, 3);
    }
    if (this.#buffered.length < offset + header.length) return false;
    if (!this.#buffered.subarray(offset, offset + header.length).equals(header))
      throw new Error('The stream does not begin with the WA header.');
    this.#buffered = this.#buffered.subarray(offset + header.length);
    this.#begun = true;
    return true;
  }
}

export function frame(data: Buffer): Buffer {
  const length = Buffer.alloc(3);
  length.writeUIntBE(data.length, 0, 3);
  return Buffer.concat([length, data]);
}
