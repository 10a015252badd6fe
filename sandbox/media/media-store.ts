import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../signal/kdf.ts';

const maxMemoryBytes = 256 * 1024 * 1024;

/** Encrypted files by direct path: the newest in memory, all of them on disk when there is a folder. */
export class MediaStore {
  readonly #files = new Map<string, Buffer>();
  readonly #folder: string | null;
  /** What the host does not give any more; a phone may have it still, unless it is lost. */
  readonly #gone = new Map<string, { lost: boolean }>();
  #bytes = 0;
  #uploads = 0;

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
    return this.#gone.has(withoutQuery(path)) ? null : this.#read(path);
  }

  /** The host forgets the file; with `everywhere` so does every phone. */
  forget(path: string, everywhere: boolean): void {
    this.#gone.set(withoutQuery(path), { lost: everywhere });
  }

  /** A phone uploads once more what it has of a file: the new direct path, or null where it has nothing. */
  uploadAgain(path: string): string | null {
    const data = this.#gone.get(withoutQuery(path))?.lost ? null : this.#read(path);
    this.#uploads += 1;
    return data && this.put(`again-${this.#uploads}`, data);
  }

  #read(path: string): Buffer | null {
    const directPath = withoutQuery(path);
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

const withoutQuery = (path: string): string => path.split('?')[0] ?? '';
