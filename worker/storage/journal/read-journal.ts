import { AppError } from '../../../shared/errors/app-error.ts';
import type { ObjectStore } from '../object-store.ts';
import { JournalError } from './journal-error.ts';
import { authPrefix, epochOfKey, type PartName, parsePartKey } from './journal-keys.ts';
import { decodePart, type JournalPart } from './journal-part.ts';
import { JournalState } from './journal-state.ts';

export interface ReadJournal {
  state: JournalState;
  /** The epoch that was read; `undefined` where there was nothing to read. */
  epoch: number | undefined;
  /** Whether its last owner closed it gracefully. */
  clean: boolean;
  /** The highest commit number seen under the reader's own epoch, 0 where there is none. */
  lastNumber: number;
  /** Every key found: replaced once the reader's first snapshot is durable. */
  keys: string[];
  /** The snapshot of an older epoch that was read. */
  predecessor: string | undefined;
}

export interface ReadOptions {
  epoch: number;
  /** Epochs below it count as deleted. */
  authFloor?: number | undefined;
  signal?: AbortSignal | undefined;
}

const PARALLEL_GETS = 16;
const MOST_READS = 2;

/**
 * Chooses the snapshot to start from and the parts after it, without a gap; folds are preferred to what they
 * cover.
 */
export function chooseParts(parts: readonly PartName[]): PartName[] {
  const snapshot = parts.filter((part) => part.kind === 'snapshot').at(-1);
  const later = parts.filter((part) => part.kind !== 'snapshot' && part.to > (snapshot?.to ?? -1));
  if (snapshot === undefined) {
    if (later.length === 0) return [];
    throw new JournalError('JOURNAL_GAP', `The auth journal has ${later[0]?.key} but no snapshot before it.`);
  }
  const chosen = [snapshot];
  let reached = snapshot.to;
  const highest = Math.max(reached, ...later.map((part) => part.to));
  while (reached < highest) {
    let best: PartName | undefined;
    for (const part of later)
      if (part.from <= reached + 1 && part.to > reached && part.to > (best?.to ?? 0)) best = part;
    if (best === undefined) {
      const message = `The auth journal of epoch ${snapshot.epoch} lacks commit ${reached + 1} of ${highest}.`;
      throw new JournalError('JOURNAL_GAP', message);
    }
    chosen.push(best);
    reached = best.to;
  }
  return chosen;
}

/** A part that does not decode is fetched once more, because it may have been damaged on its way. */
async function getPart(store: ObjectStore, name: PartName, options: { signal?: AbortSignal }) {
  for (let attempt = 1; ; attempt += 1) {
    const body = await store.get(name.key, options);
    if (body === undefined)
      throw new JournalError('JOURNAL_GAP', `The auth journal's object ${name.key} disappeared.`);
    try {
      return await decodePart(name.key, body);
    } catch (error) {
      const isDamaged = error instanceof JournalError && error.code === 'JOURNAL_CORRUPT';
      if (!isDamaged || attempt >= MOST_READS) throw error;
    }
  }
}

async function getParts(
  store: ObjectStore,
  names: readonly PartName[],
  options: { signal?: AbortSignal },
): Promise<JournalPart[]> {
  const parts = new Array<JournalPart>(names.length);
  const queue = names.entries();
  const work = async () => {
    for (const [index, name] of queue) {
      const part = await getPart(store, name, options);
      if (part.kind !== name.kind || part.epoch !== name.epoch || part.to !== name.to) {
        const message = `The auth journal's object ${name.key} holds another part than its name says.`;
        throw new JournalError('JOURNAL_CORRUPT', message);
      }
      parts[index] = part;
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL_GETS, names.length) }, work));
  return parts;
}

/** Finds the newest epoch, at most the reader's own, that has been written to. */
function newestEpoch(parts: readonly PartName[], options: ReadOptions): number | undefined {
  const floor = options.authFloor ?? 0;
  const epochs = parts.map((part) => part.epoch).filter((epoch) => epoch >= floor && epoch <= options.epoch);
  return epochs.length === 0 ? undefined : Math.max(...epochs);
}

/**
 * Reads a journal by one LIST and a handful of GETs, 16 at a time: the newest epoch that is at most the
 * reader's own and not below `authFloor`.
 * @throws JournalError JOURNAL_CORRUPT, JOURNAL_GAP, JOURNAL_VERSION; AppError STALE_OWNER
 */
export async function readJournal(
  store: ObjectStore,
  sessionId: string,
  options: ReadOptions,
): Promise<ReadJournal> {
  const abortable = options.signal === undefined ? {} : { signal: options.signal };
  const keys = (await store.list(authPrefix(sessionId), abortable)).map(({ key }) => key);
  if (keys.some((key) => (epochOfKey(key) ?? 0) > options.epoch)) {
    const message = `Session ${sessionId} has been opened by a newer owner.`;
    throw new AppError('STALE_OWNER', message);
  }
  const parts = keys.map(parsePartKey).filter((part) => part !== undefined);
  const epoch = newestEpoch(parts, options);
  const own = parts.filter((part) => part.epoch === options.epoch).map((part) => part.to);
  const state = new JournalState();
  let clean = false;
  let predecessor: string | undefined;
  if (epoch !== undefined) {
    const chosen = chooseParts(parts.filter((part) => part.epoch === epoch));
    const read = await getParts(store, chosen, abortable);
    if (epoch < options.epoch) predecessor = chosen[0]?.key;
    for (const part of read) for (const entry of part.entries) state.apply(entry);
    clean = read.at(-1)?.clean ?? false;
  }
  return { state, epoch, clean, lastNumber: Math.max(0, ...own), keys, predecessor };
}

/** Removes a session's auth state of every epoch up to and including this one; a newer owner's stays. */
export async function purgeAuth(
  store: ObjectStore,
  sessionId: string,
  { upToEpoch, except, signal }: { upToEpoch: number; except?: string | undefined; signal: AbortSignal },
): Promise<void> {
  const found = await store.list(authPrefix(sessionId), { signal });
  const doomed = found
    .map(({ key }) => key)
    .filter((key) => key !== except && (epochOfKey(key) ?? Number.POSITIVE_INFINITY) <= upToEpoch);
  // Snapshots are deleted last, so that what an interrupted purge leaves can be read and purged again.
  const snapshots = doomed.filter((key) => parsePartKey(key)?.kind === 'snapshot');
  const others = doomed.filter((key) => parsePartKey(key)?.kind !== 'snapshot');
  for (const keys of [others, snapshots]) if (keys.length > 0) await store.delete(keys, { signal });
}
