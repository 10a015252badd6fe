import type { QueuedReport } from '../../report.ts';
import type { HistoryOutbox } from '../../storage/history/history-writer.ts';
import type { Journal } from '../../storage/journal/journal.ts';
import type { Urgency } from '../../storage/journal/journal-entry.ts';
import type { ReportOutbox } from './session-auth.ts';

const REPORTS = 'report';
/** Fewer than a session's queue holds (`report-queue.ts`): what has been read is never dropped there. */
const MOST_UNREPORTED = 4_000;

/**
 * What arrived is reported by us or by nobody: it is durable before its receipt leaves. What became of a message
 * of ours rides along with what is written next: until then the message counts as outgoing, and is sent again by
 * the next owner, whom WhatsApp tells once more. Likewise receipts: WhatsApp repeats what we have not confirmed,
 * and we confirm only what is safe; so what they tell is written within a moment, unless it has been accepted by
 * then, and mostly costs no write. Where a session stands is known from its next heartbeat.
 */
function urgencyOf({ report }: QueuedReport): Urgency {
  if (report.kind === 'session-status') return 'idle';
  if (report.kind === 'message-status') return ANSWERS.has(report.body.status) ? 'idle' : 'soon';
  const { body } = report;
  return body.event === 'message_sent' && body.data.source === 'api' ? 'idle' : 'received';
}

/** What WhatsApp's answer to a message makes of it. */
const ANSWERS = new Set(['sent', 'failed']);

/** With `whenRoom`, which resolves when something more may be read: what is not reported waits with WhatsApp. */
export function createReportOutbox(journal: Journal): ReportOutbox & { whenRoom(): Promise<void> } {
  let room: PromiseWithResolvers<void> | undefined;
  const unsafe = new Map<string, PromiseWithResolvers<void>>();
  const isFull = () => journal.state.size(REPORTS) >= MOST_UNREPORTED;
  return {
    append: (queued) => journal.append(REPORTS, queued.id, JSON.stringify(queued), urgencyOf(queued)),
    pending: () => [...journal.state.entriesOf(REPORTS)].map(([, text]): QueuedReport => JSON.parse(text)),
    settle: (ids) => {
      for (const id of ids) {
        journal.append(REPORTS, id, undefined, 'idle');
        unsafe.get(id)?.resolve();
        unsafe.delete(id);
      }
      if (isFull()) return;
      room?.resolve();
      room = undefined;
    },
    // As long as the control plane is away: there is nowhere else for more to go.
    whenRoom: async () => {
      if (!isFull()) return;
      room ??= Promise.withResolvers<void>();
      await room.promise;
    },
    whenSafe: async (id) => {
      if (!journal.state.has(REPORTS, id)) return;
      const known = unsafe.get(id);
      if (known !== undefined) return await known.promise;
      const safe = Promise.withResolvers<void>();
      unsafe.set(id, safe);
      // A journal that is closed tells nobody any more.
      journal.whenWritten().then(
        () => {
          safe.resolve();
          unsafe.delete(id);
        },
        () => unsafe.delete(id),
      );
      await safe.promise;
    },
  };
}

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
