import type { Key } from '../../../shared/table/table.ts';
import type { Item } from './holds.ts';

interface IndexKey {
  pk: string;
  sk: string;
}

interface Change {
  /** The step from which on it shows. */
  showsAt: number;
  key: Key;
  after: IndexKey | undefined;
}

function indexKeyOf(item: Item | undefined): IndexKey | undefined {
  const [pk, sk] = [item?.['gsi1pk'], item?.['gsi1sk']];
  return typeof pk === 'string' && typeof sk === 'string' ? { pk, sk } : undefined;
}

/** The sparse index `gsi1`, which shows each write some steps after it, in the order of the writes. */
export class LaggingIndex {
  /** By how many steps what is written now lags. */
  lagSteps = 0;
  #step = 0;
  #lastShowsAt = 0;
  readonly #waiting: Change[] = [];
  /** Where each item stands in the index. */
  readonly #shown = new Map<string, IndexKey>();
  readonly #partitions = new Map<string, Map<string, Item>>();

  /** A write of the base item. */
  note(key: Key, before: Item | undefined, item: Item | undefined): void {
    const after = indexKeyOf(item);
    const earlier = indexKeyOf(before);
    if (earlier?.pk === after?.pk && earlier?.sk === after?.sk) return;
    this.#lastShowsAt = Math.max(this.#lastShowsAt, this.#step + this.lagSteps);
    this.#waiting.push({ showsAt: this.#lastShowsAt, key, after });
    this.#show();
  }

  step(): void {
    this.#step += 1;
    this.#show();
  }

  /** Everything shows from now on, at once. */
  catchUp(): void {
    this.lagSteps = 0;
    this.#step = Math.max(this.#step, this.#lastShowsAt);
    this.#show();
  }

  find(pk: string, { limit, after }: { limit?: number | undefined; after?: string | undefined }): Item[] {
    return [...(this.#partitions.get(pk)?.values() ?? [])]
      .filter((item) => after === undefined || String(item['gsi1sk']) > after)
      .sort((a, b) => (String(a['gsi1sk']) < String(b['gsi1sk']) ? -1 : 1))
      .slice(0, limit);
  }

  #show(): void {
    for (
      let next = this.#waiting[0];
      next !== undefined && next.showsAt <= this.#step;
      next = this.#waiting[0]
    ) {
      this.#waiting.shift();
      this.#apply(next);
    }
  }

  #apply({ key: { pk, sk }, after }: Change): void {
    const id = `${pk}\n${sk}`;
    const earlier = this.#shown.get(id);
    if (earlier !== undefined) this.#partitions.get(earlier.pk)?.delete(id);
    if (after === undefined) {
      this.#shown.delete(id);
      return;
    }
    this.#shown.set(id, after);
    const items = this.#partitions.get(after.pk) ?? new Map<string, Item>();
    this.#partitions.set(after.pk, items);
    items.set(id, { pk, sk, gsi1pk: after.pk, gsi1sk: after.sk });
  }
}
