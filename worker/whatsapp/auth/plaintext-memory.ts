import { createHash } from 'node:crypto';
import type { Journal } from '../../storage/journal/journal.ts';
import { BoundedSpace } from './bounded-space.ts';

const HOUR_MS = 3_600_000;
/** WhatsApp delivers again what was not acknowledged: the last few of an interrupted connection. */
const BOUNDS = { most: 512, mostBytes: 384 * 1024, mostAgeMs: 72 * HOUR_MS };
/** Larger ones (history, long texts) are worth asking for again. */
const MOST_BYTES_EACH = 64 * 1024;

/**
 * What recent ciphertexts said. A ratchet decrypts a message once; when its receipt was lost, in a crash or
 * on the way, WhatsApp delivers it again, and Baileys would refuse it (nack 487) although nobody has seen it.
 */
export class PlaintextMemory {
  readonly #space: BoundedSpace;

  constructor(journal: Journal) {
    this.#space = new BoundedSpace(journal, 'plaintext', BOUNDS);
  }

  /** The remembered plaintext, else that of `decrypt`; no receipt leaves before it is durable. */
  async recall(
    ciphertext: readonly (string | Uint8Array)[],
    decrypt: () => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    const hash = createHash('sha256');
    for (const part of ciphertext) hash.update(part).update('\n');
    const id = hash.digest('base64url');
    const known = this.#space.get(id);
    if (known !== undefined) return known;
    const plaintext = await decrypt();
    if (plaintext.length <= MOST_BYTES_EACH) this.#space.set(id, plaintext, 'received');
    return plaintext;
  }

  clear(): void {
    this.#space.clear();
  }
}
