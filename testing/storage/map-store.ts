import { readFile, writeFile } from 'node:fs/promises';
import type { ObjectStore } from '../../worker/storage/object-store.ts';

/** Objects in memory, copied on their way in and out as over a wire. */
export class MapStore implements ObjectStore {
  readonly objects = new Map<string, Uint8Array>();
  readonly retired = new Set<string>();

  async put(key: string, body: Uint8Array): Promise<void> {
    this.objects.set(key, Uint8Array.from(body));
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const body = this.objects.get(key);
    return body === undefined ? undefined : Uint8Array.from(body);
  }

  async putFile(key: string, path: string): Promise<void> {
    await this.put(key, await readFile(path));
  }

  async getFile(key: string, path: string): Promise<boolean> {
    const body = await this.get(key);
    if (body !== undefined) await writeFile(path, body);
    return body !== undefined;
  }

  async list(prefix: string): Promise<{ key: string; sizeBytes: number }[]> {
    return [...this.objects]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, body]) => ({ key, sizeBytes: body.length }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.objects.delete(key);
  }

  async retire(key: string): Promise<void> {
    this.retired.add(key);
  }
}
