import type { Journal } from '../../storage/journal/journal.ts';
import type { Urgency } from '../../storage/journal/journal-entry.ts';

export interface SpaceBounds {
  most: number;
  mostBytes: number;
  mostAgeMs: number;
}

/** A space of the journal that forgets its oldest values by count, size and age, except those that are needed. */
export class BoundedSpace {
  readonly #journal: Journal;
  readonly #space: string;
  readonly #bounds: SpaceBounds;
  readonly #isNeeded: (id: string) => boolean;
  #sizeBytes = 0;

  constructor(
    journal: Journal,
    space: string,
    bounds: SpaceBounds,
    isNeeded: (id: string) => boolean = () => false,
  ) {
    this.#isNeeded = isNeeded;
    this.#journal = journal;
    this.#space = space;
    this.#bounds = bounds;
    for (const [, value] of journal.state.entriesOf(space)) this.#sizeBytes += value.length;
  }

  get(id: string): Buffer | undefined {
    const text = this.#journal.state.get(this.#space, id);
    return text === undefined ? undefined : Buffer.from(text.slice(text.indexOf(':') + 1), 'base64');
  }

  /** When it was set. */
  since(id: string): Date | undefined {
    const text = this.#journal.state.get(this.#space, id);
    return text === undefined ? undefined : new Date(Number.parseInt(text.slice(0, text.indexOf(':')), 36));
  }

  set(id: string, bytes: Uint8Array, urgency: Urgency): void {
    const nowMs = Date.now();
    const encoded = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
    const value = `${nowMs.toString(36)}:${encoded}`;
    this.#sizeBytes += value.length - (this.#journal.state.get(this.#space, id)?.length ?? 0);
    this.#journal.append(this.#space, id, value, urgency);
    this.#evict(nowMs);
  }

  delete(id: string): void {
    this.#sizeBytes -= this.#journal.state.get(this.#space, id)?.length ?? 0;
    this.#journal.append(this.#space, id, undefined, 'idle');
  }

  clear(): void {
    for (const [id] of [...this.#journal.state.entriesOf(this.#space)])
      this.#journal.append(this.#space, id, undefined, 'idle');
    this.#sizeBytes = 0;
  }

  #evict(nowMs: number): void {
    const { most, mostBytes, mostAgeMs } = this.#bounds;
    const { state } = this.#journal;
    for (const [id, value] of state.entriesOf(this.#space)) {
      const since = Number.parseInt(value.slice(0, value.indexOf(':')), 36);
      const isOver = state.size(this.#space) > most || this.#sizeBytes > mostBytes;
      if (!isOver && nowMs - since <= mostAgeMs) return;
      if (this.#isNeeded(id)) continue;
      this.#sizeBytes -= value.length;
      this.#journal.append(this.#space, id, undefined, 'idle');
    }
  }
}
