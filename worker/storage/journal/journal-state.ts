import type { JournalEntry } from './journal-entry.ts';

/**
 * The state that a journal describes: spaces of ids and their latest values, in the order they were last set.
 */
export class JournalState {
  readonly #spaces = new Map<string, Map<string, string>>();

  get(space: string, id: string): string | undefined {
    return this.#spaces.get(space)?.get(id);
  }

  has(space: string, id: string): boolean {
    return this.#spaces.get(space)?.has(id) ?? false;
  }

  size(space: string): number {
    return this.#spaces.get(space)?.size ?? 0;
  }

  spaces(): IterableIterator<string> {
    return this.#spaces.keys();
  }

  /** Oldest first. */
  entriesOf(space: string): IterableIterator<[string, string]> {
    return (this.#spaces.get(space) ?? new Map<string, string>()).entries();
  }

  /** A value that is set again becomes the newest of its space. */
  apply({ space, id, value }: JournalEntry): void {
    let values = this.#spaces.get(space);
    values?.delete(id);
    if (value === undefined) {
      if (values?.size === 0) this.#spaces.delete(space);
      return;
    }
    if (values === undefined) {
      values = new Map();
      this.#spaces.set(space, values);
    }
    values.set(id, value);
  }

  clear(): void {
    this.#spaces.clear();
  }

  /** Everything, as a snapshot writes it. */
  entries(): JournalEntry[] {
    const all: JournalEntry[] = [];
    for (const [space, values] of this.#spaces)
      for (const [id, value] of values) all.push({ space, id, value });
    return all;
  }
}
