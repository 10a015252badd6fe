import { createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type Agent, request } from 'node:https';
import { DEFAULT_ORIGIN, getMediaKeys, type MediaType } from '@whiskeysockets/baileys';

export interface EncryptedFile {
  url: string;
  mediaKey: Uint8Array;
  type: MediaType;
}

export interface FetchEncryptedOptions {
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
 * A file from WhatsApp's media hosts, decrypted. Baileys' own download (`messages-media.js`, getHttpStream) can
 * neither be aborted nor sent through a proxy, and does not verify the MAC. Redirects are not followed.
 * @throws TooLarge; an Error for another status than 200 or a damaged file; whatever the network throws
 */
export async function fetchEncrypted(
  { url, mediaKey, type }: EncryptedFile,
  { maxBytes, signal, agent }: FetchEncryptedOptions,
): Promise<Buffer> {
  const blob = await fetchBlob(url, { maxBytes: maxBytes + BLOCK_BYTES + MAC_BYTES, signal, agent });
  const { iv, cipherKey, macKey } = await getMediaKeys(mediaKey, type);
  if (!macKey || blob.length < MAC_BYTES) throw new Error('the file is incomplete');
  const ciphertext = blob.subarray(0, -MAC_BYTES);
  const mac = createHmac('sha256', macKey).update(iv).update(ciphertext).digest().subarray(0, MAC_BYTES);
  if (!timingSafeEqual(mac, blob.subarray(-MAC_BYTES))) throw new Error('the file is damaged');
  const cipher = createDecipheriv('aes-256-cbc', cipherKey, iv);
  return Buffer.concat([cipher.update(ciphertext), cipher.final()]);
}

async function fetchBlob(url: string, { maxBytes, signal, agent }: FetchEncryptedOptions): Promise<Buffer> {
  const outgoing = request(url, { signal, agent, headers: { origin: DEFAULT_ORIGIN } });
  outgoing.end();
  const [response] = (await once(outgoing, 'response', { signal })) as [IncomingMessage];
  try {
    if (response.statusCode !== 200) throw new Error(`the media host answered ${response.statusCode}`);
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw new TooLarge();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    response.destroy();
  }
}
