import type { BackOff } from '../../../shared/retry/back-off.ts';
import { waitBackOff } from '../../../shared/retry/back-off.ts';
import type { ObjectStore } from '../object-store.ts';
import { CommitPlan, type PlannedCommit } from './commit-plan.ts';
import type { JournalEntry } from './journal-entry.ts';
import { type PartName, partKey } from './journal-keys.ts';
import { encodePart } from './journal-part.ts';

export interface JournalWriterOptions {
  store: ObjectStore;
  sessionId: string;
  epoch: number;
  /** The highest commit number already used in this epoch; 0 for a new one. */
  lastNumber: number;
  /** Keys that the first durable snapshot replaces. */
  superseded: readonly string[];
  /** The one of these that is kept for some days, as a way back. */
  predecessor: string | undefined;
  backOff: BackOff;
  onFault(error: unknown): void;
}

/**
 * Each opening of a journal numbers its commits from the next multiple, so that a late write of an earlier
 * opening lands below this one's first snapshot, where nobody reads.
 */
const NUMBERS_PER_OPENING = 1_000_000_000;
/** How many replaced objects whose deletion failed are remembered; the next opening finds the rest. */
const MOST_GARBAGE = 2_000;

const splitKey = (key: string): [space: string, id: string] => {
  const at = key.indexOf('\n');
  return [key.slice(0, at), key.slice(at + 1)];
};

/** Identifies a commit's keys; spaces contain no line feed. */
export const entryKey = (space: string, id: string) => `${space}\n${id}`;

interface WrittenState {
  get(space: string, id: string): string | undefined;
  entries(): JournalEntry[];
}

function entriesOf({ keys }: PlannedCommit, state: WrittenState): JournalEntry[] {
  if (keys === undefined) return state.entries();
  return [...keys].map((key) => {
    const [space, id] = splitKey(key);
    return { space, id, value: state.get(space, id) };
  });
}

/** Writes commits as objects, one after the other, each retried until it is durable or `signal` ends it. */
export class JournalWriter {
  readonly #options: JournalWriterOptions;
  readonly #plan: CommitPlan;
  readonly #live: PartName[] = [];
  #garbage: string[];
  #predecessor: string | undefined;
  /** Failed attempts since the last successful write. */
  #attempt = 0;

  constructor(options: JournalWriterOptions) {
    this.#options = options;
    this.#plan = new CommitPlan(
      (Math.floor(options.lastNumber / NUMBERS_PER_OPENING) + 1) * NUMBERS_PER_OPENING,
    );
    this.#predecessor = options.predecessor;
    this.#garbage = options.superseded.filter((key) => key !== options.predecessor);
  }

  /** Key of the last durable commit. */
  get lastKey(): string | undefined {
    return this.#live.at(-1)?.key;
  }

  requestSnapshot(): void {
    this.#plan.requestSnapshot();
  }

  /**
   * Writes a commit. It takes its values before its first wait, so later changes belong to the next commit.
   * Where the bucket itself is gone it continues with a snapshot, because the bucket may come back empty.
   * @throws AbortError
   */
  async commit(
    changed: Iterable<string>,
    state: WrittenState,
    { clean = false, signal }: { clean?: boolean; signal: AbortSignal },
  ): Promise<void> {
    let isWritten = await this.#write(this.#plan.next(changed), state, clean, signal);
    while (!isWritten) {
      this.#plan.requestSnapshot();
      isWritten = await this.#write(this.#plan.next([]), state, clean, signal);
    }
    this.#attempt = 0;
  }

  async #write(
    planned: PlannedCommit,
    state: WrittenState,
    clean: boolean,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { sessionId, epoch } = this.#options;
    const entries = entriesOf(planned, state);
    const part = { kind: planned.kind, from: planned.from, to: planned.to, epoch };
    const body = await encodePart({ ...part, clean, entries });
    const key = partKey(sessionId, part);
    if (!(await this.#put(key, body, signal))) return false;
    this.#plan.written(planned, body.length);
    this.#supersede({ ...part, key });
    return true;
  }

  /**
   * Writes the same bytes under the same name until they are durable, so that a late attempt changes nothing.
   * Returns false where the bucket is gone.
   */
  async #put(key: string, body: Buffer, signal: AbortSignal): Promise<boolean> {
    for (;;) {
      signal.throwIfAborted();
      try {
        await this.#options.store.put(key, body, { signal });
        return true;
      } catch (error) {
        signal.throwIfAborted();
        this.#options.onFault(error);
        await waitBackOff(this.#options.backOff, this.#attempt, signal);
        this.#attempt += 1;
        if (error instanceof Error && error.name === 'NoSuchBucket') return false;
      }
    }
  }

  #supersede(part: PartName): void {
    if (part.kind !== 'log') {
      for (let index = this.#live.length - 1; index >= 0; index -= 1) {
        const covered = this.#live[index];
        if (covered === undefined || (part.kind === 'fold' && covered.from < part.from)) break;
        this.#live.pop();
        this.#garbage.push(covered.key);
      }
    }
    this.#live.push(part);
    if (part.kind !== 'log') void this.#collect();
  }

  /** Nobody waits for the deletion; the next fold or the next opening finishes it. */
  async #collect(): Promise<void> {
    const [keys, predecessor] = [this.#garbage, this.#predecessor];
    this.#garbage = [];
    this.#predecessor = undefined;
    try {
      if (predecessor !== undefined) await this.#options.store.retire(predecessor);
    } catch {
      this.#predecessor = predecessor;
    }
    try {
      if (keys.length > 0) await this.#options.store.delete(keys);
    } catch {
      this.#garbage = [...keys, ...this.#garbage].slice(-MOST_GARBAGE);
    }
  }
}
