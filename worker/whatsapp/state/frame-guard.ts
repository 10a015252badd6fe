import type { Journal } from '../../storage/journal/journal.ts';

type Done = (error?: Error) => void;

interface Frame {
  data: Uint8Array;
  /** Whoever has not been told yet that the frame is on its way. */
  done: Done | undefined;
  /** The batch of the journal that must be durable first. */
  batch: number;
}

/** A `ws` socket, as Baileys' client holds it (`lib/Socket/Client/websocket.js`). */
export interface Transport {
  send(data: Uint8Array, done?: Done): void;
  close(...args: unknown[]): void;
}

/**
 * So many frames may wait for storage while Baileys goes on: messages that are sent or received together
 * then share one write. Past it, each waits for its frame.
 */
const MOST_AHEAD = 256;
/** Baileys closes a socket that is silent for 35 s long before this fills. */
const MOST_WAITING = 10_000;
const MOST_WAITING_BYTES = 32 * 1024 * 1024;
/** How long closing waits for frames that are held back, such as a logout's. */
const CLOSE_WAIT_MS = 3_000;

/**
 * The write barrier: no frame leaves before every change it may depend on is durable, and none overtakes
 * another, since it sits behind the cipher's counter. The lease is asked for last, immediately before the
 * frame goes; once it is not held, nothing leaves this socket any more.
 */
export class FrameGuard {
  readonly #journal: Journal;
  readonly #mayLeave: () => boolean;
  readonly #send: Transport['send'];
  readonly #waiting: Frame[] = [];
  #waitingBytes = 0;
  #draining: Promise<void> | undefined;
  #ended = false;

  constructor(transport: Transport, journal: Journal, mayLeave: () => boolean) {
    this.#journal = journal;
    this.#mayLeave = mayLeave;
    this.#send = transport.send.bind(transport);
    const close = transport.close.bind(transport);
    transport.send = (data, done) => this.#take(data, done);
    transport.close = (...args) => void this.#settle().then(() => close(...args));
  }

  /** How many frames wait for storage. */
  get waiting(): number {
    return this.#waiting.length;
  }

  get #isFull(): boolean {
    return this.#waiting.length >= MOST_WAITING || this.#waitingBytes >= MOST_WAITING_BYTES;
  }

  #take(data: Uint8Array, done: Done | undefined): void {
    const batch = this.#journal.bindingBatch;
    if (this.#draining === undefined && this.#journal.isDurable(batch)) {
      this.#leave({ data, done, batch });
      return;
    }
    if (this.#ended || this.#isFull) {
      // The cipher has counted it: nothing that follows could be read.
      this.#ended = true;
      done?.(new Error('The frame is dropped: too much waits for the session’s storage, or it has ended.'));
      return;
    }
    const isAhead = this.#waiting.length < MOST_AHEAD;
    this.#waitingBytes += data.length;
    this.#waiting.push({ data, batch, done: isAhead ? undefined : done });
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = undefined;
    });
    if (isAhead) done?.();
  }

  #leave({ data, done }: Frame): void {
    if (!this.#ended && this.#mayLeave()) this.#send(data, done);
    else {
      this.#ended = true;
      done?.(new Error('The frame is dropped: the lease has ended.'));
    }
  }

  async #drain(): Promise<void> {
    try {
      for (let frame = this.#waiting[0]; frame !== undefined; frame = this.#waiting[0]) {
        if (!this.#journal.isDurable(frame.batch)) await this.#journal.whenDurable(frame.batch);
        this.#waiting.shift();
        this.#waitingBytes -= frame.data.length;
        this.#leave(frame);
      }
    } catch (error) {
      // The journal is closed: what waits must never leave.
      this.#ended = true;
      const reason = error instanceof Error ? error : new Error(String(error));
      for (const frame of this.#waiting.splice(0)) frame.done?.(reason);
    }
  }

  /** Baileys closes the socket right after its last frame (`socket.js`, logout): that one may still wait. */
  async #settle(): Promise<void> {
    if (this.#draining === undefined) return;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, CLOSE_WAIT_MS);
    await Promise.race([this.#draining, late]);
    clearTimeout(timer);
    this.#ended = true;
  }
}
