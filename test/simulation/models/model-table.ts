import type * as z from 'zod';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Condition } from '../../../shared/table/condition.ts';
import type { Change } from '../../../shared/table/expression.ts';
import type { Key, QueryOptions, Table } from '../../../shared/table/table.ts';
import { requireHost } from '../engine/host.ts';
import { changed, holds, type Item, stored } from './holds.ts';
import { LaggingIndex } from './lagging-index.ts';

/** When an operation takes place, and how it ends where the table is away. */
export interface TableWeather {
  /** Milliseconds until it takes place. */
  latencyMs(): number;
  /** `lost`: it does not take place and fails; `unknown`: it takes place and fails; `repeated`: twice, as after a time-out. */
  fate(isWrite: boolean): 'done' | 'lost' | 'unknown' | 'repeated';
}

const FAIR: TableWeather = { latencyMs: () => 1, fate: () => 'done' };

const unavailable = () =>
  new AppError('STORAGE_UNAVAILABLE', 'The data store does not answer just now. Try again shortly.');

const parsed = new WeakMap<Item, Map<z.ZodType, unknown>>();

/** An item that is stored is never changed, so it reads the same each time. */
function read<S extends z.ZodType>(schema: S, item: Item): z.output<S> {
  const known = parsed.get(item) ?? new Map<z.ZodType, unknown>();
  parsed.set(item, known);
  if (!known.has(schema)) known.set(schema, schema.parse(item));
  return known.get(schema) as z.output<S>;
}

/**
 * The one table in memory: items read and written consistently one at a time, an index that lags. Each operation takes
 * place in one moment of its own, on the host that has called it.
 */
export class ModelTable implements Table {
  readonly index = new LaggingIndex();
  weather = FAIR;
  readonly #partitions = new Map<string, Map<string, Item>>();

  get<S extends z.ZodType>(key: Key, schema: S): Promise<z.output<S> | undefined> {
    return this.#operate(false, () => {
      const found = this.peek(key);
      return found === undefined ? undefined : read(schema, found);
    });
  }

  getMany<S extends z.ZodType>(keys: readonly Key[], schema: S): Promise<z.output<S>[]> {
    const unique = [...new Map(keys.map((key) => [`${key.pk}\n${key.sk}`, key])).values()];
    if (unique.length === 0) return Promise.resolve([]);
    return this.#operate(false, () =>
      unique.flatMap((key) => {
        const found = this.peek(key);
        return found === undefined ? [] : [read(schema, found)];
      }),
    );
  }

  put(item: Key & Record<string, unknown>, condition?: Condition): Promise<boolean> {
    return this.#operate(true, () => {
      if (!holds(condition, this.peek(item))) return false;
      this.#store(item, stored(item));
      return true;
    });
  }

  update<S extends z.ZodType>(key: Key, change: Change, schema: S): Promise<z.output<S> | undefined> {
    return this.#operate(true, () => {
      const found = this.peek(key);
      if (!holds(change.condition, found)) return undefined;
      const after = changed(found ?? { pk: key.pk, sk: key.sk }, change);
      this.#store(key, after);
      return read(schema, after);
    });
  }

  delete(key: Key, condition?: Condition): Promise<boolean> {
    return this.#operate(true, () => {
      if (!holds(condition, this.peek(key))) return false;
      this.#store(key, undefined);
      return true;
    });
  }

  query<S extends z.ZodType>(options: QueryOptions, schema: S): Promise<z.output<S>[]> {
    return this.#operate(false, () => this.#find(options).map((item) => read(schema, item)));
  }

  /** The item as it stands, for whoever looks on. */
  peek({ pk, sk }: Key): Item | undefined {
    return this.#partitions.get(pk)?.get(sk);
  }

  /** Every item whose partition begins so, for whoever looks on. */
  peekAll(prefix: string): Item[] {
    return [...this.#partitions].flatMap(([pk, items]) => (pk.startsWith(prefix) ? [...items.values()] : []));
  }

  #operate<T>(isWrite: boolean, take: () => T): Promise<T> {
    const host = requireHost();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const { weather } = this;
    const fate = weather.fate(isWrite);
    const happen = () => {
      try {
        if (fate === 'lost') throw unavailable();
        const result = take();
        if (fate === 'unknown') throw unavailable();
        if (fate !== 'repeated') return resolve(result);
        // The answer of the first try was lost, and the client tries again.
        host.time.schedule(host, weather.latencyMs(), 'io', () => resolve(take()));
      } catch (thrown) {
        reject(thrown);
      }
    };
    host.time.schedule(host, weather.latencyMs(), 'io', happen);
    return promise;
  }

  #find({ pk, index, limit, after }: QueryOptions): Item[] {
    if (index !== undefined) return this.index.find(pk, { limit, after });
    const items = [...(this.#partitions.get(pk) ?? [])]
      .filter(([sk]) => after === undefined || sk > after)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, item]) => item);
    return items.slice(0, limit);
  }

  #store({ pk, sk }: Key, item: Item | undefined): void {
    const items = this.#partitions.get(pk) ?? new Map<string, Item>();
    this.#partitions.set(pk, items);
    this.index.note({ pk, sk }, items.get(sk), item);
    if (item === undefined) items.delete(sk);
    else items.set(sk, item);
  }
}
