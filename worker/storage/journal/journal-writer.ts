import { type BackOff, waitBackOff } from '../../../shared/retry/back-off.ts';
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
  /** Keys that the first durable snapshot supersedes. */
  superseded: readonly string[];
  backOff: BackOff;
  onFault(error: unknown): void;
}

/**
 * Each opening of a journal numbers its commits from the next multiple, so that a write of an earlier
 * opening that arrives late lands below this one's first snapshot, where nobody reads.
 */
const NUMBERS_PER_OPENING = 1_000_000_000;
/** Superseded objects whose deletion failed are remembered up to this many; the next opening finds the rest. */
const MOST_GARBAGE = 2_000;

const splitKey = (key: string): [space: string, id: string] => {
  const at = key.indexOf('\n');
  return [key.slice(0, at), key.slice(at + 1)];
};

/** The name under which a commit's keys are told apart; spaces contain no line feed. */
export const entryKey = (space: string, id: string) => `${space}\n${id}`;

/** Writes commits as objects, one after the other, each retried until it is durable or `signal` ends it. */
export class JournalWriter {
  readonly #options: JournalWriterOptions;
  readonly #plan: CommitPlan;
  readonly #live: PartName[] = [];
  #garbage: string[];

  constructor(options: JournalWriterOptions) {
    this.#options = options;
    this.#plan = new CommitPlan(
      (Math.floor(options.lastNumber / NUMBERS_PER_OPENING) + 1) * NUMBERS_PER_OPENING,
    );
    this.#garbage = [...options.superseded];
  }

  /** Of the last commit that is durable. */
  get lastKey(): string | undefined {
    return this.#live.at(-1)?.key;
  }

  requestSnapshot(): void {
    this.#plan.requestSnapshot();
  }

  /**
   * Takes its values before it returns, so what changes afterwards belongs to the next commit.
   * @throws AbortError
   */
  commit(
    changed: Iterable<string>,
    state: { get(space: string, id: string): string | undefined; entries(): JournalEntry[] },
    options: { clean?: boolean; signal: AbortSignal },
  ): Promise<void> {
    const planned = this.#plan.next(changed);
    const entries =
      planned.keys === undefined
        ? state.entries()
        : [...planned.keys].map((key) => {
            const [space, id] = splitKey(key);
            return { space, id, value: state.get(space, id) };
          });
    return this.#write(planned, entries, options.clean ?? false, options.signal);
  }

  async #write(
    planned: PlannedCommit,
    entries: readonly JournalEntry[],
    clean: boolean,
    signal: AbortSignal,
  ) {
    const { sessionId, epoch } = this.#options;
    const part = { kind: planned.kind, from: planned.from, to: planned.to, epoch };
    const body = await encodePart({ ...part, clean, entries });
    const key = partKey(sessionId, part);
    await this.#put(key, body, signal);
    this.#plan.written(planned, body.length);
    this.#supersede({ ...part, key });
  }

  /** The same bytes under the same name until they are durable: an attempt that arrives late changes nothing. */
  async #put(key: string, body: Buffer, signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      signal.throwIfAborted();
      try {
        await this.#options.store.put(key, body, { signal });
        return;
      } catch (error) {
        signal.throwIfAborted();
        this.#options.onFault(error);
        await waitBackOff(this.#options.backOff, attempt, signal);
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
    if (part.kind !== 'log' && this.#garbage.length > 0) void this.#collect();
  }

  async #collect(): Promise<void> {
    const keys = this.#garbage;
    this.#garbage = [];
    try {
      await this.#options.store.delete(keys);
    } catch {
      this.#garbage = [...keys, ...this.#garbage].slice(-MOST_GARBAGE);
    }
  }
}
