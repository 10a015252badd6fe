import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ObjectStore } from '../../worker/storage/object-store.ts';

type Operation = 'put' | 'get' | 'list' | 'delete' | 'retire';

/** Any store, with every request counted, delayed and refused as a test wants it. */
export class CountingStore implements ObjectStore {
  readonly counts: Record<Operation, number> = { put: 0, get: 0, list: 0, delete: 0, retire: 0 };
  readonly putBytes: { key: string; sizeBytes: number }[] = [];
  /** Of each request: a random share of it passes before the work is done, the rest after. */
  latencyMs = 0;
  /** The error each request gets instead of being done. */
  fails: ((operation: Operation, key: string) => Error | undefined) | undefined;
  /** The most GETs there were at one time. */
  mostParallelGets = 0;
  #gets = 0;
  readonly #store: ObjectStore;

  constructor(store: ObjectStore, latencyMs = 0) {
    this.#store = store;
    this.latencyMs = latencyMs;
  }

  get requests(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }

  resetCounts(): void {
    Object.assign(this.counts, { put: 0, get: 0, list: 0, delete: 0, retire: 0 });
    this.putBytes.length = 0;
    this.mostParallelGets = 0;
  }

  async put(key: string, body: Uint8Array, options?: Parameters<ObjectStore['put']>[2]): Promise<void> {
    this.putBytes.push({ key, sizeBytes: body.length });
    await this.#request('put', key, () => this.#store.put(key, body, options));
  }

  async putFile(key: string, path: string, options?: Parameters<ObjectStore['put']>[2]): Promise<void> {
    this.putBytes.push({ key, sizeBytes: (await stat(path)).size });
    await this.#request('put', key, () => this.#store.putFile(key, path, options));
  }

  getFile(key: string, path: string, options?: { signal?: AbortSignal }): Promise<boolean> {
    return this.#request('get', key, () => this.#store.getFile(key, path, options));
  }

  async get(key: string, options?: { signal?: AbortSignal }): Promise<Uint8Array | undefined> {
    this.#gets += 1;
    this.mostParallelGets = Math.max(this.mostParallelGets, this.#gets);
    try {
      return await this.#request('get', key, () => this.#store.get(key, options));
    } finally {
      this.#gets -= 1;
    }
  }

  list(prefix: string, options?: { signal?: AbortSignal }): Promise<{ key: string; sizeBytes: number }[]> {
    return this.#request('list', prefix, () => this.#store.list(prefix, options));
  }

  async delete(keys: readonly string[], options?: { signal?: AbortSignal }): Promise<void> {
    await this.#request('delete', keys[0] ?? '', () => this.#store.delete(keys, options));
  }

  async retire(key: string, options?: { signal?: AbortSignal }): Promise<void> {
    await this.#request('retire', key, () => this.#store.retire(key, options));
  }

  async #request<T>(operation: Operation, key: string, work: () => Promise<T>): Promise<T> {
    this.counts[operation] += 1;
    const failure = this.fails?.(operation, key);
    if (failure !== undefined) throw failure;
    const beforeMs = this.latencyMs * Math.random();
    if (this.latencyMs > 0) await sleep(beforeMs);
    const result = await work();
    if (this.latencyMs > 0) await sleep(this.latencyMs - beforeMs);
    return result;
  }
}
