import type { PartKind } from './journal-part.ts';

/** How many commits a small fold covers, how many small folds a large one, and how many of those a snapshot. */
const FOLD_EVERY = 20;
/** A snapshot is worth its bytes once as much has changed since the last one; this is the least. */
const LEAST_BYTES_BETWEEN_SNAPSHOTS = 64 * 1024;

export interface PlannedCommit {
  kind: PartKind;
  from: number;
  to: number;
  /** The keys whose values the part must hold; `undefined` for all. */
  keys: ReadonlySet<string> | undefined;
}

/**
 * Decides in which form each commit is written. Folding costs no request of its own: the 20th commit is
 * written as a fold that repeats the 19 before it, the 400th as one that repeats 399, and a snapshot takes a
 * commit's place once the bytes changed since the last one reach its size. So a restore reads at most one
 * snapshot, 20 + 19 folds and 19 logs, and a changed byte is written at most four times on average: as
 * itself, in two folds, and in a snapshot.
 */
export class CommitPlan {
  #next: number;
  #snapshotDue = true;
  #snapshotBytes = 0;
  #changedBytes = 0;
  #small: { from: number; commits: number; keys: Set<string> };
  #large: { from: number; folds: number; keys: Set<string> };
  #largeFolds = 0;

  /** @param first the number of the first commit, which is always a snapshot. */
  constructor(first: number) {
    this.#next = first;
    this.#small = { from: first, commits: 0, keys: new Set() };
    this.#large = { from: first, folds: 0, keys: new Set() };
  }

  requestSnapshot(): void {
    this.#snapshotDue = true;
  }

  /** @param changed the keys that the next commit changes. */
  next(changed: Iterable<string>): PlannedCommit {
    const to = this.#next;
    this.#next += 1;
    const keys = new Set(changed);
    for (const key of keys) {
      this.#small.keys.add(key);
      this.#large.keys.add(key);
    }
    this.#small.commits += 1;
    const folds = this.#small.commits >= FOLD_EVERY;
    const foldsAll = folds && this.#large.folds + 1 >= FOLD_EVERY;
    if (this.#snapshotDue || this.#isSnapshotWorthIt() || (foldsAll && this.#largeFolds >= FOLD_EVERY))
      return this.#snapshot(to);
    if (foldsAll) return this.#foldLarge(to);
    return folds ? this.#foldSmall(to) : { kind: 'log', from: to, to, keys };
  }

  /** Notes the size of a commit, so that snapshots keep pace with changes. */
  written(commit: PlannedCommit, sizeBytes: number): void {
    if (commit.kind === 'snapshot') this.#snapshotBytes = sizeBytes;
    else this.#changedBytes += sizeBytes / (commit.to - commit.from + 1);
  }

  #isSnapshotWorthIt(): boolean {
    return this.#changedBytes >= Math.max(this.#snapshotBytes, LEAST_BYTES_BETWEEN_SNAPSHOTS);
  }

  #snapshot(to: number): PlannedCommit {
    this.#snapshotDue = false;
    this.#changedBytes = 0;
    this.#largeFolds = 0;
    this.#small = { from: this.#next, commits: 0, keys: new Set() };
    this.#large = { from: this.#next, folds: 0, keys: new Set() };
    return { kind: 'snapshot', from: to, to, keys: undefined };
  }

  #foldLarge(to: number): PlannedCommit {
    const { from, keys } = this.#large;
    this.#largeFolds += 1;
    this.#small = { from: this.#next, commits: 0, keys: new Set() };
    this.#large = { from: this.#next, folds: 0, keys: new Set() };
    return { kind: 'fold', from, to, keys };
  }

  #foldSmall(to: number): PlannedCommit {
    const { from, keys } = this.#small;
    this.#large.folds += 1;
    this.#small = { from: this.#next, commits: 0, keys: new Set() };
    return { kind: 'fold', from, to, keys };
  }
}
