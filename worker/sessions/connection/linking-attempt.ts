/** WhatsApp gives six QR codes; Baileys shows the first for 60 s, the others for 20 s (`socket.js`, genPairQR). */
const REFS = 6;
const LINKING_MS = 160_000;

/** What one socket has shown for an account to be linked by: QR codes, or a pairing code in their place. */
export class LinkingAttempt {
  readonly #lengthMs: number;
  /** Until when it shows QR codes, in milliseconds; a pairing code lives as long. */
  #endsAt: number | undefined;
  #codeShown = false;

  /** @param qrTtlMs how long each QR is shown; WhatsApp's own times where absent */
  constructor(qrTtlMs?: number) {
    this.#lengthMs = qrTtlMs === undefined ? LINKING_MS : qrTtlMs * REFS;
  }

  get qrShown(): boolean {
    return this.#endsAt !== undefined;
  }

  /** A pairing code can still be shown, and most of its time lies ahead. */
  get canPair(): boolean {
    if (this.#codeShown) return false;
    return this.#endsAt === undefined || this.#endsAt - Date.now() > this.#lengthMs / 2;
  }

  /** Takes a new QR; answers whether it may be shown. */
  takeQr(): boolean {
    this.#endsAt ??= Date.now() + this.#lengthMs;
    // Its secret belongs to the pairing code, once there is one: a scan would lead nowhere.
    return !this.#codeShown;
  }

  /** A pairing code is shown; answers until when. */
  takeCode(): Date {
    this.#codeShown = true;
    return new Date(this.#endsAt ?? Date.now());
  }
}
