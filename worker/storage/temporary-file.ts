import { randomUUID } from 'node:crypto';
import { lstat, mkdtemp, open, readdir, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file on its way through this process. */
export interface TemporaryFile {
  readonly path: string;
  /** Deletes the file. Does nothing the second time; never throws. */
  remove(): void;
}

/** A file that fills up to `sizeBytes`, on disk. */
export interface FileOnDisk extends TemporaryFile {
  readonly sizeBytes: number;
}

const PREFIX = 'whatsapp-worker-';
/** No transfer takes this long: an older file was left by a process that was killed. */
const LEFT_OVER_MS = 3_600_000;

let folder: Promise<string> | undefined;

/** Creates an empty file in this process's own folder, which nobody else on this machine may read. */
export async function createTemporaryFile(): Promise<TemporaryFile> {
  const path = await createEmpty().catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    // The folder was removed while nothing was under way here.
    folder = undefined;
    return createEmpty();
  });
  return { path, remove: () => void unlink(path).catch(() => undefined) };
}

async function createEmpty(): Promise<string> {
  folder ??= makeFolder();
  const path = join(await folder, randomUUID());
  const file = await open(path, 'wx', 0o600);
  await file.close();
  return path;
}

async function makeFolder(): Promise<string> {
  await removeLeftOver().catch(() => undefined);
  return await mkdtemp(join(tmpdir(), PREFIX));
}

/** Files of tenants must not outlive a process that was killed while it had them. */
async function removeLeftOver(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(PREFIX));
  const oldest = Date.now() - LEFT_OVER_MS;
  for (const path of names.map((name) => join(tmpdir(), name))) {
    const { uid, mtimeMs } = await lstat(path);
    if (uid === process.getuid?.() && mtimeMs < oldest) await rm(path, { recursive: true, force: true });
  }
}
