import { totalmem } from 'node:os';
import { AppError } from '../../shared/errors/app-error.ts';

export interface ByteBudgetOptions {
  totalBytes: number;
  /** What one owner may hold, so that no session takes everything. */
  shareBytes: number;
  /** How many may wait at one time. */
  mostWaiting: number;
}

export interface ReserveOptions {
  waitMs: number;
  signal?: AbortSignal | undefined;
}

/** Bytes taken until they are released; a second release does nothing. */
export interface Reservation {
  release(): void;
}

interface Waiter {
  owner: string;
  bytes: number;
  grant: () => void;
}

/**
 * The bytes that the whole process may have in flight. Requests are served in order, except that an owner
 * that has used up its share waits without holding up others.
 */
export class ByteBudget {
  readonly totalBytes: number;
  readonly #options: ByteBudgetOptions;
  readonly #heldBy = new Map<string, number>();
  readonly #waiting = new Set<Waiter>();
  #heldBytes = 0;

  constructor(options: ByteBudgetOptions) {
    this.totalBytes = options.totalBytes;
    this.#options = options;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Resolves once `bytes` are free; more than a share counts as a whole share.
   * @throws AppError WORKER_BUSY where that takes too long, or too many wait; the signal's reason
   */
  async reserve(owner: string, bytes: number, { waitMs, signal }: ReserveOptions): Promise<Reservation> {
    signal?.throwIfAborted();
    const wanted = Math.min(bytes, this.#options.shareBytes);
    if (!this.#mayHold(owner, wanted) || this.#isBlocked(owner))
      await this.#wait(owner, wanted, waitMs, signal);
    else this.#hold(owner, wanted);
    let held = true;
    const release = () => {
      if (!held) return;
      held = false;
      this.#hold(owner, -wanted);
      this.#serve();
    };
    return { release };
  }

  #wait(owner: string, bytes: number, waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.size >= this.#options.mostWaiting) throw busy();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (reason: unknown) => {
      this.#waiting.delete(waiter);
      // A request behind it may fit.
      this.#serve();
      reject(reason);
    };
    const onAbort = () => leave(signal?.reason);
    const timer = setTimeout(() => leave(busy()), waitMs);
    const waiter: Waiter = { owner, bytes, grant: resolve };
    this.#waiting.add(waiter);
    signal?.addEventListener('abort', onAbort, { once: true });
    return promise.finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    });
  }

  /** Requests that wait for their owner's share are passed over; one that waits for the whole is not. */
  #serve(): void {
    const passedOver = new Set<string>();
    for (const waiter of this.#waiting) {
      const { owner, bytes, grant } = waiter;
      if (passedOver.has(owner) || !this.#fitsShare(owner, bytes)) passedOver.add(owner);
      else if (this.#heldBytes + bytes > this.totalBytes) return;
      else {
        this.#waiting.delete(waiter);
        this.#hold(owner, bytes);
        grant();
      }
    }
  }

  /** Tells whether an earlier request waits: for the whole, or for this owner's share. */
  #isBlocked(owner: string): boolean {
    for (const waiter of this.#waiting)
      if (waiter.owner === owner || this.#fitsShare(waiter.owner, waiter.bytes)) return true;
    return false;
  }

  #fitsShare(owner: string, bytes: number): boolean {
    return (this.#heldBy.get(owner) ?? 0) + bytes <= this.#options.shareBytes;
  }

  #mayHold(owner: string, bytes: number): boolean {
    return this.#fitsShare(owner, bytes) && this.#heldBytes + bytes <= this.totalBytes;
  }

  #hold(owner: string, bytes: number): void {
    const held = (this.#heldBy.get(owner) ?? 0) + bytes;
    this.#heldBytes += bytes;
    if (held === 0) this.#heldBy.delete(owner);
    else this.#heldBy.set(owner, held);
  }
}

const busy = () =>
  new AppError(
    'WORKER_BUSY',
    'Too many large files are under way on this worker. Send it again in a moment.',
  );

const MEBIBYTE = 1_048_576;
const LEAST_BYTES = 64 * MEBIBYTE;
const MOST_BYTES = 512 * MEBIBYTE;
/** Share of the process's memory limit: files are on disk, which may count as memory in a container. */
const MEMORY_PART = 1 / 4;
/** A quarter each, but at least the largest file with its encrypted copy. */
const SHARE_PART = 1 / 4;
const LEAST_SHARE_BYTES = 128 * MEBIBYTE;
const MOST_WAITING = 1_000;

/** The limit of this process's container, or the machine's memory. */
export function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

/** The budget of a process with this much memory. */
export function createMediaBudget(memory: number): ByteBudget {
  const totalBytes = Math.round(Math.min(MOST_BYTES, Math.max(LEAST_BYTES, memory * MEMORY_PART)));
  const shareBytes = Math.min(totalBytes, Math.max(LEAST_SHARE_BYTES, totalBytes * SHARE_PART));
  return new ByteBudget({ totalBytes, shareBytes, mostWaiting: MOST_WAITING });
}
