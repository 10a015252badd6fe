import type { ObjectReader } from '../../objects/object-reader.ts';
import { advances } from '../schema.ts';
import { applyChanges } from './apply-changes.ts';
import { createFilter, type HistoryPage, type HistoryQuery, isFiltered } from './history-query.ts';
import {
  type FoundMessage,
  type HistoryChange,
  type HistoryMessage,
  type HistoryRecord,
  identityOf,
  type StatusStep,
} from './history-record.ts';
import { type HistoryReading, listSources, PartGone, readSources, type Source } from './scan-history.ts';

type StatusRecord = Extract<HistoryRecord, { kind: 'status' }>;

const HOUR_MS = 3_600_000;
/** WhatsApp keeps what a device has not fetched for about a month. */
const LATE_MS = 31 * 24 * HOUR_MS;
const MOST_TRIES = 2;
/** How much newer history is read for changes of older messages. */
const LOOK_AHEAD = { mostParts: 64, mostBytes: 4 * 1024 * 1024 };

/** Takes records from the newest to the oldest, and returns each message once. */
class Collation {
  readonly #steps = new Map<string, StatusStep[]>();
  readonly #changes = new Map<string, HistoryChange[]>();
  readonly #seen = new Set<string>();

  /** The messages that are new, with the steps known so far: steps are written after their message. */
  take(records: readonly HistoryRecord[]): FoundMessage[] {
    const found: FoundMessage[] = [];
    for (const record of records.toReversed()) {
      if (record.kind === 'status') this.#note(record);
      if (record.kind === 'change')
        this.#changes.set(record.messageId, [record, ...(this.#changes.get(record.messageId) ?? [])]);
    }
    for (const record of records.toReversed())
      if (record.kind === 'message' && this.#isNew(record)) found.push(this.#finish(record.message));
    return found;
  }

  #isNew(record: HistoryRecord): boolean {
    const identity = identityOf(record);
    const isNew = !this.#seen.has(identity);
    this.#seen.add(identity);
    return isNew;
  }

  /** A step that is recorded twice, as by each member of a group, counts from the first time. */
  #note({ kind: _, id, ...step }: StatusRecord): void {
    const later = (this.#steps.get(id) ?? []).filter(({ status }) => status !== step.status);
    this.#steps.set(id, [step, ...later]);
  }

  #finish(written: HistoryMessage): FoundMessage {
    const message = applyChanges(written, this.#changes.get(written.id) ?? []);
    if (message.direction === 'inbound') return { message, timeline: [] };
    const timeline = this.#steps.get(message.id) ?? [];
    this.#steps.delete(message.id);
    let { status } = message;
    for (const step of timeline) if (advances(status, step.status)) status = step.status;
    return { message: { ...message, status }, timeline };
  }
}

/** Finds where to begin so that the changes of messages from `target` on are known. */
function lookAhead(sources: readonly Source[], target: number): number {
  let { mostParts, mostBytes } = LOOK_AHEAD;
  const latest = (sources[target]?.to ?? 0) + LATE_MS;
  let begin = target;
  for (; begin > 0; begin -= 1) {
    const { to, sizeBytes, part } = sources[begin - 1] ?? { to: latest, sizeBytes: 0, part: undefined };
    mostParts -= 1;
    mostBytes -= sizeBytes;
    if (part !== undefined && (mostParts < 0 || mostBytes < 0 || to > latest)) break;
  }
  return begin;
}

interface Plan {
  sources: Source[];
  /** This many sources are read for changes of older messages, whatever the bounds. */
  ahead: number;
  /** Messages counted by the names of their parts; undefined where every message is examined. */
  skipped: number | undefined;
}

function planFrom(all: readonly Source[], target: number, skipped: number | undefined): Plan {
  const begin = lookAhead(all, target);
  // Records that are not written yet cost nothing to read.
  const waiting = all.slice(0, begin).filter(({ part }) => part === undefined);
  return {
    sources: [...waiting, ...all.slice(begin)],
    ahead: waiting.length + target - begin,
    skipped,
  };
}

function planReading(all: readonly Source[], query: HistoryQuery): Plan {
  if (isFiltered(query)) {
    const fromMs = query.from === undefined ? 0 : Date.parse(query.from) - HOUR_MS;
    const toMs = query.to === undefined ? Number.POSITIVE_INFINITY : Date.parse(query.to);
    // Nothing is written before it happens, except by a clock that is slightly behind.
    const within = all.filter(({ to }) => to >= fromMs);
    const target = within.findIndex(({ from }) => from <= toMs);
    return planFrom(within, target === -1 ? within.length - 1 : target, undefined);
  }
  let skipped = 0;
  const target = all.findIndex(({ messages }) => {
    if (skipped + messages > query.offset) return true;
    skipped += messages;
    return false;
  });
  return target === -1 ? { sources: [], ahead: 0, skipped } : planFrom(all, target, skipped);
}

async function readPage(
  objects: ObjectReader,
  sessionId: string,
  query: HistoryQuery,
  reading: HistoryReading,
): Promise<HistoryPage> {
  const all = await listSources(objects, sessionId, reading);
  const { limit, offset } = query;
  const { sources, ahead, skipped } = planReading(all, query);
  const fits = createFilter(query);
  const collation = new Collation();
  const messages: HistoryMessage[] = [];
  let matching = skipped ?? 0;
  const scan = readSources(objects, sources, reading.bounds, ahead);
  let step = await scan.next();
  for (let at = 0; !step.done; at += 1) {
    for (const { message } of collation.take(step.value.records)) {
      if ((skipped !== undefined && at < ahead) || !fits(message)) continue;
      matching += 1;
      if (matching > offset && messages.length < limit) messages.push(message);
    }
    // Without a filter, the names of the parts tell the total.
    if (skipped !== undefined && messages.length === limit) break;
    step = await scan.next();
  }
  const unread = step.done ? step.value : undefined;
  const total = skipped === undefined ? matching : all.reduce((sum, source) => sum + source.messages, 0);
  return {
    messages,
    total,
    hasMore: messages.length === limit && offset + limit < total,
    pagination: { total, limit, offset },
    ...(unread === undefined ? {} : { searchedBackTo: new Date(unread.to).toISOString() }),
  };
}

/** Parts that are folded while they are read are looked up again, in their fold. */
async function againWhereFolded<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1)
    try {
      return await work();
    } catch (fault) {
      if (!(fault instanceof PartGone)) throw fault;
      if (tries === MOST_TRIES) throw fault.cause ?? fault;
    }
}

/**
 * Reads a page of a session's messages, newest first, in the order in which the gateway learned of them.
 * Without filters only the page's parts are read, and `total` comes from their names. With filters everything
 * is read within bounds; where these end the search, `total` counts what was examined and `searchedBackTo`
 * says how far that was.
 * @throws whatever the store throws
 */
export function readHistory(
  objects: ObjectReader,
  sessionId: string,
  query: HistoryQuery,
  reading: HistoryReading = {},
): Promise<HistoryPage> {
  return againWhereFolded(() => readPage(objects, sessionId, query, reading));
}

/** Finds the newest message of this id; `undefined` where there is none within the bounds. */
export function readHistoryMessage(
  objects: ObjectReader,
  sessionId: string,
  messageId: string,
  reading: HistoryReading = {},
): Promise<FoundMessage | undefined> {
  return againWhereFolded(async () => {
    const collation = new Collation();
    const sources = await listSources(objects, sessionId, reading);
    for await (const { records } of readSources(objects, sources, reading.bounds))
      for (const found of collation.take(records)) if (found.message.id === messageId) return found;
    return undefined;
  });
}
