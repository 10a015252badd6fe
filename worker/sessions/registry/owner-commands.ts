import { AppError } from '../../../shared/errors/app-error.ts';
import type { Ownership } from '../../../shared/workers/api/schema.ts';
import { CommandQueue } from './command-queue.ts';
import { refuseOlder, type Seen, see, standingOf } from './ownership.ts';

export interface OwnerCommandsDeps {
  /** The session is not here any more. */
  isEnded: () => boolean;
  /** A newer owner, or the same one anew: before its first command. */
  enterEpoch: (epoch: number) => Promise<void>;
}

/** A session's commands, one after another, and none that is older than the newest owner it has heard of. */
export class OwnerCommands {
  readonly #deps: OwnerCommandsDeps;
  readonly #queue = new CommandQueue();
  #seen: Seen;
  /** Also of those that still wait for their turn. */
  #newest: Seen;

  constructor(seen: Seen, deps: OwnerCommandsDeps) {
    this.#seen = seen;
    this.#newest = seen;
    this.#deps = deps;
  }

  get seen(): Seen {
    return this.#seen;
  }

  /** A newer command waits: what is being done now is wished no more. */
  get superseded(): boolean {
    return standingOf(this.#newest, this.#seen).startsWith('newer');
  }

  /** @throws AppError STALE_OWNER, RATE_LIMITED; NOT_FOUND where the session has ended */
  run<T>(ownership: Ownership, command: () => Promise<T>): Promise<T> {
    refuseOlder(ownership, this.#seen);
    const outcome = this.#queue.run(async () => {
      if (this.#deps.isEnded())
        throw new AppError('NOT_FOUND', 'This worker does not hold the session any more.');
      // It may have become older while it waited.
      refuseOlder(ownership, this.#seen);
      const isNewOwner = standingOf(ownership, this.#seen) === 'newer-epoch';
      this.#seen = see(ownership, this.#seen);
      if (isNewOwner) await this.#deps.enterEpoch(this.#seen.epoch);
      return command();
    });
    if (standingOf(ownership, this.#newest).startsWith('newer')) this.#newest = see(ownership, this.#newest);
    return outcome;
  }

  /** Work of the session's own, in its turn. @throws AppError RATE_LIMITED */
  runOwn<T>(work: () => Promise<T>): Promise<T> {
    return this.#queue.run(work);
  }

  /** Enters a newer epoch before something that is no command; answers whether it was. @throws AppError STALE_OWNER */
  async heed(epoch: number | undefined): Promise<boolean> {
    const ownership = epoch === undefined ? {} : { epoch };
    refuseOlder(ownership, this.#seen);
    if (standingOf(ownership, this.#seen) !== 'newer-epoch') return false;
    await this.run(ownership, async () => undefined);
    return true;
  }
}
