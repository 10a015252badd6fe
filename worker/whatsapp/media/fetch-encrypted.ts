import {
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  type Decipheriv,
  type Hash,
  type Hmac,
  timingSafeEqual,
} from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { type Agent, request } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { DEFAULT_ORIGIN, getMediaKeys, type MediaType } from '@whiskeysockets/baileys';

export interface EncryptedFile {
  url: string;
  mediaKey: Uint8Array;
  type: MediaType;
}

export interface FetchEncryptedOptions {
  /** Where the file goes; what stands there is of no worth where this throws. */
  path: string;
  /** Of the file itself. */
  maxBytes: number;
  signal: AbortSignal;
  /** The session's proxy, where it has one. */
  agent?: Agent | undefined;
}

/** The file is larger than `maxBytes`. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

const MAC_BYTES = 10;
const BLOCK_BYTES = 16;

/**
 * A file from WhatsApp's media hosts, decrypted piece by piece as it comes. Baileys' own download
 * (`messages-media.js`, getHttpStream) can neither be aborted nor sent through a proxy, and does not verify the MAC.
 * Redirects are not followed.
 * @throws TooLarge; an Error for another status than 200 or a damaged file; whatever the network throws
 */
export async function fetchEncrypted(
  { url, mediaKey, type }: EncryptedFile,
  { path, maxBytes, signal, agent }: FetchEncryptedOptions,
): Promise<{ sizeBytes: number; sha256: Buffer }> {
  const { iv, cipherKey, macKey } = await getMediaKeys(mediaKey, type);
  if (!macKey) throw new Error('the file’s key is incomplete');
  const response = await open(url, signal, agent);
  try {
    const decryption = new Decryption({ iv, cipherKey, macKey, maxBytes });
    await pipeline(response, (blob) => decryption.run(blob), createWriteStream(path), { signal });
    return { sizeBytes: decryption.sizeBytes, sha256: decryption.digest() };
  } finally {
    response.destroy();
  }
}

async function open(url: string, signal: AbortSignal, agent: Agent | undefined): Promise<IncomingMessage> {
  const outgoing = request(url, { signal, agent, headers: { origin: DEFAULT_ORIGIN } });
  outgoing.end();
  const [response] = (await once(outgoing, 'response', { signal })) as [IncomingMessage];
  if (response.statusCode === 200) return response;
  response.destroy();
  throw new Error(`the media host answered ${response.statusCode}`);
}

interface DecryptionOptions {
  iv: Uint8Array;
  cipherKey: Uint8Array;
  macKey: Uint8Array;
  maxBytes: number;
}

/** AES-256-CBC, then the first ten bytes of an HMAC-SHA256 over IV and ciphertext. */
class Decryption {
  sizeBytes = 0;
  readonly #maxBytes: number;
  readonly #hmac: Hmac;
  readonly #cipher: Decipheriv;
  readonly #hash: Hash = createHash('sha256');
  #blobBytes = 0;
  /** What came last may be the MAC. */
  #tail: Buffer = Buffer.alloc(0);

  constructor({ iv, cipherKey, macKey, maxBytes }: DecryptionOptions) {
    this.#maxBytes = maxBytes;
    this.#hmac = createHmac('sha256', createSecretKey(macKey)).update(iv);
    this.#cipher = createDecipheriv('aes-256-cbc', createSecretKey(cipherKey), iv);
  }

  async *run(blob: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of blob) {
      this.#blobBytes += chunk.length;
      if (this.#blobBytes > this.#maxBytes + BLOCK_BYTES + MAC_BYTES) throw new TooLarge();
      const known = Buffer.concat([this.#tail, chunk]);
      const ciphertext = known.subarray(0, Math.max(0, known.length - MAC_BYTES));
      this.#tail = known.subarray(ciphertext.length);
      this.#hmac.update(ciphertext);
      yield this.#count(this.#cipher.update(ciphertext));
    }
    if (this.#tail.length < MAC_BYTES) throw new Error('the file is incomplete');
    const mac = this.#hmac.digest().subarray(0, MAC_BYTES);
    if (!timingSafeEqual(mac, this.#tail)) throw new Error('the file is damaged');
    yield this.#count(this.#cipher.final());
  }

  digest(): Buffer {
    return this.#hash.digest();
  }

  #count(plain: Buffer): Buffer {
    this.sizeBytes += plain.length;
    if (this.sizeBytes > this.#maxBytes) throw new TooLarge();
    this.#hash.update(plain);
    return plain;
  }
}
