import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../signal/kdf.ts';

const maxMemoryBytes = 256 * 1024 * 1024;

/** Encrypted files by direct path: the newest in memory, all of them on disk when there is a folder. */
export class MediaStore {
  readonly #files = new Map<string, Buffer>();
  readonly #folder: string | null;
  #bytes = 0;

  constructor(folder: string | null) {
    this.#folder = folder;
    if (folder) mkdirSync(folder, { recursive: true });
  }

  /** Keeps the file and gives its direct path. */
  put(kind: string, data: Buffer): string {
    const name = sha256(data).toString('base64url');
    const directPath = `/v/${kind}/${name}`;
    if (this.#folder) writeFileSync(join(this.#folder, name), data);
    this.#remember(directPath, data);
    return directPath;
  }

  get(path: string): Buffer | null {
    const directPath = path.split('?')[0] ?? '';
    const held = this.#files.get(directPath);
    if (held || !this.#folder) return held ?? null;
    const name = directPath.split('/').at(-1) ?? '';
    if (!/^[\w-]{43}$/.test(name)) return null;
    try {
      return readFileSync(join(this.#folder, name));
    } catch {
      return null;
    }
  }

  #remember(directPath: string, data: Buffer): void {
    if (this.#files.has(directPath)) return;
    this.#files.set(directPath, data);
    this.#bytes += data.length;
    for (const [oldest, file] of this.#files) {
      if (this.#bytes <= maxMemoryBytes) break;
      this.#files.delete(oldest);
      this.#bytes -= file.length;
    }
  }
}
