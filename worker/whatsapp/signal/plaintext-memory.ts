import { createHash } from 'node:crypto';
import { type BinaryNode, MISSING_KEYS_ERROR_TEXT, proto, unpadRandomMax16 } from '@whiskeysockets/baileys';
import type { Journal } from '../../storage/journal/journal.ts';
import { BoundedSpace } from '../state/bounded-space.ts';
import { UnconfirmedReceipts } from '../state/unconfirmed-receipts.ts';

const HOUR_MS = 3_600_000;
/** Beside what WhatsApp has not confirmed: it may repeat itself, and a process that ended knows less of it. */
const BOUNDS = { most: 512, mostBytes: 384 * 1024, mostAgeMs: 72 * HOUR_MS };
/** Larger ones (history, long texts) are worth asking for again. */
const MOST_BYTES_EACH = 64 * 1024;

/** Baileys' client (`lib/Socket/Client/types.js`), as far as stanzas go. */
export interface StanzaSource {
  prependListener(event: string, listener: (node: BinaryNode) => void): unknown;
}

/** A ciphertext that nobody could read. */
export interface FailedMessage {
  messageId: string;
  /** Whether its sender is not asked for it once more. */
  final: boolean;
}

/**
 * What recent ciphertexts said. A ratchet decrypts a message once; when its receipt was lost, in a crash or
 * on the way, WhatsApp delivers it again, and Baileys would refuse it (nack 487) although nobody has seen it.
 * Nothing is forgotten before WhatsApp has confirmed its receipt: where too much is unconfirmed, nothing more is read.
 */
export class PlaintextMemory {
  readonly #space: BoundedSpace;
  readonly #listeners = new Set<(failure: FailedMessage) => void>();
  readonly #unconfirmed = new UnconfirmedReceipts();
  /** The ids of messages, by the very bytes that Baileys hands on to be decrypted. */
  readonly #messageIds = new WeakMap<Uint8Array, string>();

  constructor(journal: Journal) {
    this.#space = new BoundedSpace(journal, 'plaintext', BOUNDS, (id) => this.#unconfirmed.has(id));
  }

  /** Follows a new connection: what comes on it, and which receipts WhatsApp takes. */
  follow(stanzas: StanzaSource): void {
    this.#unconfirmed.clear();
    stanzas.prependListener('CB:message', ({ attrs, content }) => {
      for (const { content: bytes } of Array.isArray(content) ? content : [])
        if (bytes instanceof Uint8Array && attrs['id'] !== undefined)
          this.#messageIds.set(bytes, attrs['id']);
    });
    stanzas.prependListener('CB:ack,class:receipt', ({ attrs }) =>
      this.#unconfirmed.confirm(attrs['id'] ?? ''),
    );
  }

  /** Resolves when one more may be read. @param sent resolves when the receipts so far have left */
  whenRoom(sent: () => Promise<void>): Promise<void> {
    return this.#unconfirmed.whenRoom(sent);
  }

  /** The remembered plaintext, else that of `decrypt`; no receipt leaves before it is durable. */
  async recall(
    ciphertext: Uint8Array,
    context: readonly string[],
    decrypt: () => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    const id = idOf(ciphertext, context);
    const known = this.#space.get(id);
    const plaintext = known ?? (await this.#decrypt(ciphertext, decrypt));
    if (plaintext.length > MOST_BYTES_EACH) return plaintext;
    const messageId = this.#messageIds.get(ciphertext);
    if (messageId !== undefined) this.#unconfirmed.add(messageId, id, plaintext.length);
    if (known === undefined) this.#space.set(id, plaintext, 'received');
    return plaintext;
  }

  /** Tells of messages that could not be decrypted, before anybody answers them. */
  onFailure(listener: (failure: FailedMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #decrypt(ciphertext: Uint8Array, decrypt: () => Promise<Uint8Array>): Promise<Uint8Array> {
    try {
      const plaintext = await decrypt();
      if (!isMessage(plaintext)) this.#fail(ciphertext, false);
      return plaintext;
    } catch (error) {
      // Baileys asks for such a message no more (`messages-recv.js`, handleMessage).
      this.#fail(ciphertext, error instanceof Error && error.message === MISSING_KEYS_ERROR_TEXT);
      throw error;
    }
  }

  #fail(ciphertext: Uint8Array, final: boolean): void {
    const messageId = this.#messageIds.get(ciphertext);
    if (messageId !== undefined) for (const listener of this.#listeners) listener({ messageId, final });
  }

  clear(): void {
    this.#unconfirmed.clear();
    this.#space.clear();
  }
}

function idOf(ciphertext: Uint8Array, context: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of [...context, ciphertext]) hash.update(part).update('\n');
  return hash.digest('base64url');
}

/** Whether Baileys will find a message in it, behind its padding. */
function isMessage(plaintext: Uint8Array): boolean {
  try {
    proto.Message.decode(unpadRandomMax16(plaintext));
    return true;
  } catch {
    return false;
  }
}
