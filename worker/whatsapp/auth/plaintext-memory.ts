import { createHash } from 'node:crypto';
import type { Journal } from '../../storage/journal/journal.ts';

const SPACE = 'plaintext';
/** WhatsApp delivers again what was not acknowledged: the last few of an interrupted connection. */
const MOST = 256;
/** Larger ones (history, long texts) are worth asking for again. */
const MOST_BYTES_EACH = 64 * 1024;

/**
 * What recent ciphertexts said. A ratchet decrypts a message once; when its receipt was lost, in a crash or
 * on the way, WhatsApp delivers it again, and Baileys would refuse it (nack 487) although nobody has seen it.
 */
export class PlaintextMemory {
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** The remembered plaintext, else that of `decrypt`; binding, so that no receipt leaves before it is durable. */
  async recall(
    ciphertext: readonly (string | Uint8Array)[],
    decrypt: () => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    const hash = createHash('sha256');
    for (const part of ciphertext) hash.update(part).update('\n');
    const id = hash.digest('base64url');
    const known = this.#journal.state.get(SPACE, id);
    if (known !== undefined) return Buffer.from(known, 'base64');
    const plaintext = await decrypt();
    if (plaintext.length <= MOST_BYTES_EACH) this.#remember(id, plaintext);
    return plaintext;
  }

  #remember(id: string, plaintext: Uint8Array): void {
    const { state } = this.#journal;
    this.#journal.append(SPACE, id, Buffer.from(plaintext).toString('base64'), 'binding');
    const surplus = state.size(SPACE) - MOST;
    for (const [oldest] of [...take(state.entriesOf(SPACE), surplus)])
      this.#journal.append(SPACE, oldest, undefined, 'idle');
  }
}

/** The first `count` of a sequence. */
export function* take<T>(items: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const item of items) {
    if (left <= 0) return;
    left -= 1;
    yield item;
  }
}
