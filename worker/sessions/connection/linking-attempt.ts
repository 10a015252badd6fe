/** WhatsApp gives six QR codes; Baileys shows the first for 60 s, the others for 20 s (`socket.js`, genPairQR). */
const REFS = 6;
const LINKING_MS = 160_000;

/** What one socket has shown to link an account: QR codes, or a pairing code instead. */
export class LinkingAttempt {
  readonly #lengthMs: number;
  /** Until when it shows QR codes, in milliseconds; a pairing code is valid as long. */
  #endsAt: number | undefined;
  #codeShown = false;

  /** @param qrTtlMs how long each QR is shown; WhatsApp's own times where absent */
  constructor(qrTtlMs?: number) {
    this.#lengthMs = qrTtlMs === undefined ? LINKING_MS : qrTtlMs * REFS;
  }

  get qrShown(): boolean {
    return this.#endsAt !== undefined;
  }

  /** A pairing code can still be shown, and most of its time is left. */
  get canPair(): boolean {
    if (this.#codeShown) return false;
    return this.#endsAt === undefined || this.#endsAt - Date.now() > this.#lengthMs / 2;
  }

  /** Takes a new QR; returns whether it may be shown. */
  takeQr(): boolean {
    this.#endsAt ??= Date.now() + this.#lengthMs;
    // Once there is a pairing code, the QR's secret belongs to it: a scan would lead nowhere.
    return !this.#codeShown;
  }

  /** Notes that a pairing code is shown; returns until when. */
  takeCode(): Date {
    this.#codeShown = true;
    return new Date(this.#endsAt ?? Date.now());
  }
}
