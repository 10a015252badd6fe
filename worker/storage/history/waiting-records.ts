import {
  decodeRecord,
  encodeRecord,
  type HistoryRecord,
  identitiesBefore,
  identityOf,
} from '../../../shared/messages/history/history-record.ts';

/**
 * `open`: more will become known of it, as of a file that is being fetched. `unsure`: left by an earlier
 * owner, which may have written it. Neither is written before that is settled.
 */
export type Readiness = 'ready' | 'open' | 'unsure';

export interface WaitingRecord {
  line: string;
  isMessage: boolean;
  readiness: Readiness;
  /** A record is not written while one of these waits. */
  follows: readonly string[];
}

function toWaiting(record: HistoryRecord, line: string, readiness: Readiness): WaitingRecord {
  return { line, isMessage: record.kind === 'message', readiness, follows: identitiesBefore(record) };
}

/** Records by identity, oldest first, within bounds. */
export class WaitingRecords {
  readonly #records = new Map<string, WaitingRecord>();
  #sizeBytes = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get count(): number {
    return this.#records.size;
  }

  has(identity: string): boolean {
    return this.#records.has(identity);
  }

  /** An updated record keeps its place: a step of a status must not come before its message. */
  set(record: HistoryRecord, readiness: Readiness): { identity: string; line: string } {
    const identity = identityOf(record);
    const line = encodeRecord(record);
    const earlier = this.#records.get(identity);
    this.#sizeBytes += line.length - (earlier?.line.length ?? 0);
    this.#records.set(identity, toWaiting(record, line, readiness));
    return { identity, line };
  }

  /** An earlier owner's records are older than all that are here. */
  putFirst(left: readonly (readonly [string, string])[]): void {
    const later = [...this.#records];
    this.#records.clear();
    for (const [identity, line] of left) {
      const record = decodeRecord(line);
      if (record === undefined) continue;
      this.#sizeBytes += line.length;
      this.#records.set(identity, toWaiting(record, line, 'unsure'));
    }
    for (const [identity, record] of later) this.#records.set(identity, record);
  }

  settle(identity: string, readiness: Readiness): void {
    const record = this.#records.get(identity);
    if (record !== undefined) record.readiness = readiness;
  }

  delete(identity: string): void {
    this.#sizeBytes -= this.#records.get(identity)?.line.length ?? 0;
    this.#records.delete(identity);
  }

  /** Drops the oldest to make room. */
  dropOldest(): string | undefined {
    const [oldest] = this.#records.keys();
    if (oldest !== undefined) this.delete(oldest);
    return oldest;
  }

  /** Removes and returns what is to be written next. */
  take(most: { records: number; bytes: number }, isWritable: (record: WaitingRecord) => boolean) {
    const taken = new Map<string, WaitingRecord>();
    let sizeBytes = 0;
    for (const [identity, record] of this.#records) {
      if (taken.size === most.records || sizeBytes >= most.bytes) break;
      const waitsFor = (before: string) => this.#records.has(before) && !taken.has(before);
      if (!isWritable(record) || record.follows.some(waitsFor)) continue;
      taken.set(identity, record);
      sizeBytes += record.line.length;
    }
    for (const identity of taken.keys()) this.delete(identity);
    return taken;
  }

  entries(): IterableIterator<[string, WaitingRecord]> {
    return this.#records.entries();
  }
}

export const decodeWaiting = (records: Iterable<[string, WaitingRecord]>): HistoryRecord[] =>
  [...records].map(([, { line }]) => decodeRecord(line)).filter((record) => record !== undefined);
