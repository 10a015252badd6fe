import { parsePartKey } from '../../../worker/storage/journal/journal-keys.ts';
import type { BucketWitness } from '../models/model-bucket.ts';
import type { Ledger } from '../parts/ledger.ts';
import type { Trace } from '../parts/trace.ts';

const sessionOf = (key: string) => key.split('/')[1] ?? '';

/**
 * Sees to it that an epoch is written by one process, and that nobody reads what the owner of an epoch wrote after one
 * of a newer epoch had begun to write.
 */
export function watchJournals(ledger: Ledger, trace: Trace): BucketWitness {
  const newest = new Map<string, number>();
  const superseded = new Set<string>();
  const writers = new Map<string, string>();
  return {
    onWritten: (key, by) => {
      const part = parsePartKey(key);
      if (part === undefined) return;
      trace.note(`${by} has written ${key}`);
      const sessionId = sessionOf(key);
      const epochOfSession = `${sessionId} ${part.epoch}`;
      const writer = writers.get(epochOfSession) ?? by;
      writers.set(epochOfSession, writer);
      if (writer !== by)
        ledger.break('an epoch has one writer', `${key} is written by ${by}; the epoch is ${writer}'s`);
      const newestEpoch = newest.get(sessionId) ?? 0;
      if (part.epoch < newestEpoch) superseded.add(key);
      newest.set(sessionId, Math.max(newestEpoch, part.epoch));
    },
    onRead: (key) => {
      if (superseded.has(key))
        ledger.break(
          'no superseded write is read',
          `${key} was written after a newer owner had begun, and is read`,
        );
    },
  };
}
