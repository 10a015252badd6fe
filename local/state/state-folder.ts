import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalError } from '../local-error.ts';

/** Rises whenever an older or newer runtime could not read what is kept. */
const FORMAT = 1;
const START_FRESH = 'start with "npm start -- --fresh" to empty it';

/** Where a run keeps its state; absent with `--memory`. */
export interface StateFolder {
  path: string;
  table: string;
  objects: string;
  sandbox: string;
  logs: string;
  secrets: string;
  /** Releases the folder for the next run. */
  release(): Promise<void>;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Two runtimes on one folder would corrupt it; a lock whose process is gone does not count. */
async function takeLock(path: string): Promise<void> {
  const holder = Number(await readText(path));
  if (isAlive(holder))
    throw new LocalError(
      `Another "npm start" (process ${holder}) uses this .local/: end it first, or use --memory.`,
    );
  await writeFile(path, String(process.pid));
}

async function checkFormat(path: string): Promise<void> {
  const text = await readText(path);
  if (text === undefined) {
    await writeFile(path, JSON.stringify({ format: FORMAT }));
    return;
  }
  let format: unknown;
  try {
    format = (JSON.parse(text) as { format?: unknown } | null)?.format;
  } catch {
    throw new LocalError(`.local/ cannot be read; ${START_FRESH}.`);
  }
  if (format !== FORMAT) throw new LocalError(`.local/ is of another version; ${START_FRESH}.`);
}

/** Opens, or makes, a folder for state. @throws LocalError where it is in use or cannot be read */
export async function openStateFolder(path: string, options: { fresh: boolean }): Promise<StateFolder> {
  const lock = join(path, 'lock');
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'EEXIST') throw new LocalError(`${path} is not a folder; remove it and start again.`);
    throw thrown;
  });
  await takeLock(lock);
  if (options.fresh) {
    await rm(path, { recursive: true, force: true });
    await mkdir(path, { recursive: true, mode: 0o700 });
    await takeLock(lock);
  }
  const release = () => rm(lock, { force: true });
  try {
    await checkFormat(join(path, 'format.json'));
  } catch (thrown) {
    await release();
    throw thrown;
  }
  const logs = join(path, 'logs');
  await mkdir(logs, { recursive: true });
  return {
    path,
    table: join(path, 'table'),
    objects: join(path, 'objects'),
    sandbox: join(path, 'sandbox'),
    logs,
    secrets: join(path, 'secrets.json'),
    release,
  };
}

/** Runs code that reads kept state; every failure has the same advice. */
export async function readingState<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof LocalError) throw thrown;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new LocalError(`The ${what} kept in .local/ cannot be read (${reason}); ${START_FRESH}.`);
  }
}
