import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { ObjectStore } from './object-store.ts';

const TEMPORARY = '.tmp-';

/**
 * Keys may hold any character; in file names, everything but letters, digits, `-`, `_`, `=`, `,` and `.` is
 * escaped.
 */
function toPath(root: string, key: string): string {
  const parts = key.split('/').map((part) => {
    const escaped = encodeURIComponent(part).replace(/[!'()*~]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
    return /^\.+$/.test(escaped) ? escaped.replaceAll('.', '%2e') : escaped;
  });
  return join(root, ...parts);
}

const toKey = (root: string, path: string) =>
  relative(root, path).split(sep).map(decodeURIComponent).join('/');

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

async function* walk(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (!entry.name.startsWith(TEMPORARY)) yield path;
  }
}

/** Written next to its place, flushed, then renamed: a reader sees the whole object or none. */
async function writeDurably(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = join(dirname(path), `${TEMPORARY}${randomUUID()}`);
  await mkdir(dirname(path), { recursive: true });
  try {
    await write(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Flushes to disk; `body` is undefined where the file already exists. */
async function writeOut(temporary: string, body: Uint8Array | undefined): Promise<void> {
  const file = await open(temporary, body === undefined ? 'r+' : 'w', 0o600);
  try {
    if (body !== undefined) await file.writeFile(body);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A folder instead of S3: for workers on one host. */
export function createFolderObjectStore(root: string): ObjectStore {
  return {
    put: (key, body) => writeDurably(toPath(root, key), (temporary) => writeOut(temporary, body)),

    putFile: (key, path) =>
      writeDurably(toPath(root, key), async (temporary) => {
        await copyFile(path, temporary);
        await writeOut(temporary, undefined);
      }),

    async getFile(key, path) {
      try {
        await copyFile(toPath(root, key), path);
        return true;
      } catch (error) {
        if (isMissing(error)) return false;
        throw error;
      }
    },

    async get(key) {
      try {
        return await readFile(toPath(root, key));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },

    async list(prefix) {
      const found: { key: string; sizeBytes: number }[] = [];
      const folder = toPath(root, prefix.slice(0, prefix.lastIndexOf('/') + 1));
      for await (const path of walk(folder)) {
        const key = toKey(root, path);
        if (!key.startsWith(prefix)) continue;
        const { size } = await stat(path);
        found.push({ key, sizeBytes: size });
      }
      return found.sort((a, b) => (a.key < b.key ? -1 : 1));
    },

    async delete(keys) {
      await Promise.all(keys.map((key) => rm(toPath(root, key), { force: true })));
    },

    retire: (key) => rm(toPath(root, key), { force: true }),
  };
}
