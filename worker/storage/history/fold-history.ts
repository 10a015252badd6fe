import {
  foldKey,
  type HistoryPart,
  historyPrefix,
  sortParts,
} from '../../../shared/messages/history/history-keys.ts';
import {
  decodeRecords,
  encodeRecord,
  type HistoryRecord,
  identityOf,
} from '../../../shared/messages/history/history-record.ts';
import type { ObjectStore } from '../object-store.ts';

export interface FoldOptions {
  /** Asked immediately before each write and each deletion. */
  mayWrite: () => boolean;
  signal?: AbortSignal;
  /** Milliseconds; days that ended before it are folded. */
  now: number;
  /** Bytes of one fold, because a reader holds it in memory. */
  mostBytes?: number;
}

/** A write that began before midnight may end after it. */
const SETTLED_MS = 15 * 60_000;
const MOST_BYTES = 1024 * 1024;
/** Folds per call; the next call continues. */
const MOST_FOLDS = 64;

/** Groups neighbours of one day and one owner into folds. */
function groupParts(parts: readonly HistoryPart[], mostBytes: number): HistoryPart[][] {
  const groups: HistoryPart[][] = [];
  let group: HistoryPart[] = [];
  let sizeBytes = 0;
  for (const part of parts.filter(({ isFold }) => !isFold)) {
    const [first] = group;
    const belongs = first?.day === part.day && first.epoch === part.epoch;
    if (!belongs || sizeBytes + part.sizeBytes > mostBytes) {
      groups.push(group);
      group = [];
      sizeBytes = 0;
    }
    group.push(part);
    sizeBytes += part.sizeBytes;
  }
  return [...groups, group].filter(({ length }) => length > 1);
}

/** Keeps every record once, as it was known last, in the order of their first mention. */
function mergeRecords(bodies: readonly Uint8Array[]): HistoryRecord[] {
  const merged = new Map<string, HistoryRecord>();
  for (const body of bodies) for (const record of decodeRecords(body)) merged.set(identityOf(record), record);
  return [...merged.values()];
}

/** @returns the keys that the fold has replaced */
async function foldGroup(
  store: ObjectStore,
  sessionId: string,
  group: readonly HistoryPart[],
  { mayWrite, signal }: FoldOptions,
): Promise<string[]> {
  const options = signal === undefined ? {} : { signal };
  const bodies = await Promise.all(group.map(({ key }) => store.get(key, options)));
  const present = bodies.filter((body) => body !== undefined);
  const [first, last] = [group[0], group.at(-1)];
  // Somebody else is folding.
  if (present.length < group.length || first === undefined || last === undefined || !mayWrite()) return [];
  const records = mergeRecords(present);
  const messages = records.filter(({ kind }) => kind === 'message').length;
  const key = foldKey(sessionId, { from: first.from, to: last.to, epoch: first.epoch, messages });
  const body = Buffer.from(records.map(encodeRecord).join(''));
  await store.put(key, body, { contentType: 'application/x-ndjson', ...options });
  return group.map((part) => part.key);
}

/**
 * Folds the parts of days that are over, so that a reader finds few objects. A fold's name says which parts it
 * replaces, and readers pass over those from the moment it is there: a crash before they are deleted neither
 * loses nor doubles a message, and the next fold deletes them.
 * @returns how many folds were written
 * @throws whatever the store throws; what is folded by then stays folded
 */
export async function foldHistory(
  store: ObjectStore,
  sessionId: string,
  options: FoldOptions,
): Promise<number> {
  const { now, mayWrite, signal, mostBytes = MOST_BYTES } = options;
  const listing = signal === undefined ? {} : { signal };
  const { parts, covered } = sortParts(await store.list(historyPrefix(sessionId), listing));
  const today = new Date(now - SETTLED_MS).toISOString().slice(0, 10);
  const groups = groupParts(
    parts.filter(({ day }) => day < today),
    mostBytes,
  ).slice(0, MOST_FOLDS);
  const replaced = covered.map(({ key }) => key);
  for (const group of groups) {
    if (signal?.aborted) break;
    replaced.push(...(await foldGroup(store, sessionId, group, options)));
  }
  if (replaced.length > 0 && mayWrite()) await store.delete(replaced, listing);
  return groups.length;
}
