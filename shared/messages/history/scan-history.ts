import type { ObjectReader } from '../../objects/object-reader.ts';
import { type HistoryPart, historyPrefix, sortParts } from './history-keys.ts';
import { decodeRecords, type HistoryRecord } from './history-record.ts';

/**
 * Records that an owner has not written yet, oldest first, and the key under which they are being written, if
 * they are.
 */
export interface UnwrittenBatch {
  key?: string | undefined;
  records: readonly HistoryRecord[];
}

export interface ReadBounds {
  mostParts: number;
  mostBytes: number;
  /** No GET begins after this time; those under way are awaited. */
  timeoutMs: number;
}

export const READ_BOUNDS: ReadBounds = { mostParts: 1_000, mostBytes: 16 * 1024 * 1024, timeoutMs: 8_000 };

export interface HistoryReading {
  /** Asks the live owner for unwritten records, after the LIST, so that nothing is missed in between. */
  unwritten?: (() => readonly UnwrittenBatch[]) | undefined;
  /** Records of lower epochs belong to a deleted session of the same name. */
  firstEpoch?: number | undefined;
  bounds?: Partial<ReadBounds>;
}

/** Records that belong together: a part in the store, or what is not written yet. */
export interface Source {
  part?: HistoryPart;
  records?: readonly HistoryRecord[];
  messages: number;
  /** When the first and the last of them were written, in milliseconds. */
  from: number;
  to: number;
  sizeBytes: number;
}

const PARALLEL_GETS = 8;
const PARALLEL_BYTES = 8 * 1024 * 1024;

/**
 * A part is no longer where the LIST found it, because it was folded meanwhile. A failing store looks the
 * same, since S3 denies missing objects to those who may not list everything.
 */
export class PartGone extends Error {}

/** The newest first. */
export async function listSources(
  objects: ObjectReader,
  sessionId: string,
  { unwritten, firstEpoch = 0 }: HistoryReading,
): Promise<Source[]> {
  const listed = await objects.list(historyPrefix(sessionId));
  const written = new Set(listed.map(({ key }) => key));
  const waiting = (unwritten?.() ?? [])
    .filter(({ key, records }) => records.length > 0 && (key === undefined || !written.has(key)))
    .map(({ records }): Source => {
      const messages = records.filter(({ kind }) => kind === 'message').length;
      return {
        records,
        messages,
        from: Number.POSITIVE_INFINITY,
        to: Number.POSITIVE_INFINITY,
        sizeBytes: 0,
      };
    });
  const parts = sortParts(listed)
    .parts.filter(({ epoch }) => epoch >= firstEpoch)
    .map((part): Source => ({ ...part, part }));
  return [...parts, ...waiting].toReversed();
}

/** As many as are read at a time. */
function* inRuns(sources: readonly Source[]): Generator<Source[]> {
  let run: Source[] = [];
  let sizeBytes = 0;
  for (const source of sources) {
    if (run.length === PARALLEL_GETS || (run.length > 0 && sizeBytes + source.sizeBytes > PARALLEL_BYTES)) {
      yield run;
      run = [];
      sizeBytes = 0;
    }
    run.push(source);
    sizeBytes += source.sizeBytes;
  }
  if (run.length > 0) yield run;
}

async function read(
  objects: ObjectReader,
  { part, records = [] }: Source,
): Promise<readonly HistoryRecord[]> {
  if (part === undefined) return records;
  const body = await objects.get(part.key).catch((cause: unknown) => {
    throw new PartGone('a part of the history cannot be read', { cause });
  });
  if (body === undefined) throw new PartGone('a part of the history is gone');
  return decodeRecords(body);
}

/**
 * Reads source by source in the order given, each with its records in written order.
 * @param always this many first sources are exempt from the bounds
 * @returns the first source that was not read, where the bounds ended the scan
 * @throws PartGone
 */
export async function* readSources(
  objects: ObjectReader,
  sources: readonly Source[],
  bounds: Partial<ReadBounds> = {},
  always = 0,
): AsyncGenerator<{ source: Source; records: readonly HistoryRecord[] }, Source | undefined> {
  const { mostParts, mostBytes, timeoutMs } = { ...READ_BOUNDS, ...bounds };
  const deadline = performance.now() + timeoutMs;
  let done = 0;
  let sizeBytes = 0;
  for (const run of inRuns(sources)) {
    const isOver = done >= mostParts || sizeBytes >= mostBytes || performance.now() > deadline;
    if (done > always && isOver) return run[0];
    const bodies = await Promise.all(run.map((source) => read(objects, source)));
    for (const [at, source] of run.entries()) {
      yield { source, records: bodies[at] ?? [] };
      done += 1;
      sizeBytes += source.sizeBytes;
    }
  }
  return undefined;
}
