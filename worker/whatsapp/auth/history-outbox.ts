import type { HistoryOutbox } from '../../storage/history/history-writer.ts';
import type { Journal } from '../../storage/journal/journal.ts';

const HISTORY = 'history';

/**
 * Records of the history wait here for their part. None hurries a write: one of a message that arrives shares
 * its batch with the report that its receipt waits for, one of a message that leaves the batch of the ratchet
 * that its frame waits for, in whose tick each is appended. What became of a message rides along.
 */
export function createHistoryOutbox(journal: Journal): HistoryOutbox {
  return {
    append: (identity, line) => journal.append(HISTORY, identity, line, 'idle'),
    pending: () => [...journal.state.entriesOf(HISTORY)],
    settle: (identities) => {
      for (const identity of identities) journal.append(HISTORY, identity, undefined, 'idle');
    },
  };
}
