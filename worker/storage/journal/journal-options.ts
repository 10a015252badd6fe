import type { BackOff } from '../../../shared/retry/back-off.ts';
import type { ObjectStore } from '../object-store.ts';
import type { ReadJournal } from './read-journal.ts';

export interface JournalOptions {
  store: ObjectStore;
  sessionId: string;
  epoch: number;
  read: ReadJournal;
  backOff?: BackOff;
  /** Milliseconds after which `soon` changes are written by themselves. */
  soonMs?: number;
  /** Milliseconds after which `idle` changes are, where nothing else was written meanwhile. */
  restMs?: number;
  /** How long received changes wait for more, so that a burst shares a write. */
  gatherMs?: number;
  /** Milliseconds after which a write that has not failed yet counts as a fault. */
  slowMs?: number;
  /** The bound on changes that are not durable; beyond it `ensureRoom` throws and `whenRoom` waits. */
  mostPendingBytes?: number;
  onFault(error: unknown): void;
  onRecovered(): void;
}

export const JOURNAL_DEFAULTS = {
  backOff: { firstMs: 100, longestMs: 5_000 },
  soonMs: 1_000,
  restMs: 60_000,
  gatherMs: 60,
  slowMs: 5_000,
  mostPendingBytes: 16 * 1024 * 1024,
};
