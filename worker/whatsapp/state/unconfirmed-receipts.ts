import { inTime } from '../../storage/wait-at-most.ts';

/** WhatsApp confirms a receipt within a second; so many under way mean that it does not keep up. */
const MOST_MESSAGES = 1_000;
const MOST_BYTES = 1024 * 1024;
/** A server that never confirms slows reading down, and does not stop it. */
const CONFIRM_WAIT_MS = 10_000;

/**
 * What was read on this connection, until WhatsApp has taken its receipt: exactly this is delivered again, in its
 * order and before anything new, when the connection or the process ends.
 */
export class UnconfirmedReceipts {
  /** By message, the plaintexts that are kept for it. */
  readonly #messages = new Map<string, string[]>();
  /** Their sizes. */
  readonly #plaintexts = new Map<string, number>();
  #sizeBytes = 0;
  #room: PromiseWithResolvers<void> | undefined;
  readonly #confirmWaitMs: number;

  constructor(confirmWaitMs = CONFIRM_WAIT_MS) {
    this.#confirmWaitMs = confirmWaitMs;
  }

  add(messageId: string, plaintextId: string, sizeBytes: number): void {
    if (this.#plaintexts.has(plaintextId)) return;
    this.#messages.set(messageId, [...(this.#messages.get(messageId) ?? []), plaintextId]);
    this.#plaintexts.set(plaintextId, sizeBytes);
    this.#sizeBytes += sizeBytes;
  }

  /** Whether the plaintext may be asked for again. */
  has(plaintextId: string): boolean {
    return this.#plaintexts.has(plaintextId);
  }

  confirm(messageId: string): void {
    for (const plaintextId of this.#messages.get(messageId) ?? []) {
      this.#sizeBytes -= this.#plaintexts.get(plaintextId) ?? 0;
      this.#plaintexts.delete(plaintextId);
    }
    this.#messages.delete(messageId);
    if (!this.#isFull) this.#makeRoom();
  }

  /** Another connection begins: what is still unconfirmed comes again on it. */
  clear(): void {
    this.#messages.clear();
    this.#plaintexts.clear();
    this.#sizeBytes = 0;
    this.#makeRoom();
  }

  /** Resolves when more may be read. @param sent resolves when the receipts so far have left */
  async whenRoom(sent: () => Promise<void>): Promise<void> {
    if (!this.#isFull) return;
    await sent();
    if (!this.#isFull) return;
    this.#room ??= Promise.withResolvers<void>();
    const { promise } = this.#room;
    await inTime(this.#confirmWaitMs, () => promise).catch(() => this.clear());
  }

  get #isFull(): boolean {
    return this.#messages.size >= MOST_MESSAGES || this.#sizeBytes >= MOST_BYTES;
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}
