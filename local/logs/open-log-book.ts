import { once } from 'node:events';
import { createWriteStream, renameSync, statSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { formatLogLine, paint, WARN } from './format-log-line.ts';

/** The logs of all parts: one file each, and warnings on the terminal. */
export interface LogBook {
  write(part: string, line: string, otherwiseLevel?: number): void;
  /** Reads a child's output to its end. */
  follow(part: string, output: Readable, otherwiseLevel: number): void;
  close(): Promise<void>;
}

const MAX_FILE_BYTES = 5 * 1024 * 1024;
const INFO = 30;

/** One earlier file is kept, so that the folder stays small. */
function openFile(path: string): WriteStream {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > MAX_FILE_BYTES) renameSync(path, `${path}.1`);
  const stream = createWriteStream(path, { flags: 'a' });
  // A full disk must not take the gateway down.
  stream.on('error', () => {});
  return stream;
}

/** `folder` absent: nothing is kept. `show` gets the lines for the terminal. */
export function openLogBook(folder: string | undefined, show: (line: string) => void): LogBook {
  const files = new Map<string, WriteStream>();
  function fileOf(part: string): WriteStream | undefined {
    if (folder === undefined) return undefined;
    const file = files.get(part) ?? openFile(join(folder, `${part}.log`));
    files.set(part, file);
    return file;
  }
  function write(part: string, line: string, otherwiseLevel = INFO): void {
    if (line.trim() === '') return;
    const formatted = formatLogLine(line.trimEnd(), otherwiseLevel);
    fileOf(part)?.write(`${formatted.text}\n`);
    if (formatted.level >= WARN) show(paint(part, formatted));
  }
  return {
    write,
    follow: (part, output, otherwiseLevel) => {
      createInterface({ input: output }).on('line', (line) => write(part, line, otherwiseLevel));
    },
    close: async () => {
      const open = [...files.values()].filter((file) => !file.closed && !file.destroyed);
      await Promise.all(open.map((file) => Promise.all([once(file, 'close'), file.end()])));
    },
  };
}
