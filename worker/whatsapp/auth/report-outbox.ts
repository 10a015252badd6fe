import type { QueuedReport } from '../../sessions/ports.ts';
import type { Journal, Urgency } from '../../storage/journal/journal.ts';
import type { ReportOutbox } from './session-auth.ts';

const REPORTS = 'report';

/**
 * What arrived is reported by us or by nobody: it is durable before its receipt leaves. A status of a
 * message is written within a moment, together with what else is written then, unless it has been accepted
 * by that time; so it costs no write of its own. Where a session stands is known from its next heartbeat.
 */
function urgencyOf({ report }: QueuedReport): Urgency {
  if (report.kind === 'session-status') return 'idle';
  if (report.kind === 'message-status') return 'soon';
  return report.body.event === 'message_sent' ? 'soon' : 'received';
}

export function createReportOutbox(journal: Journal): ReportOutbox {
  return {
    append: (queued) => journal.append(REPORTS, queued.id, JSON.stringify(queued), urgencyOf(queued)),
    pending: () => [...journal.state.entriesOf(REPORTS)].map(([, text]): QueuedReport => JSON.parse(text)),
    settle: (ids) => {
      for (const id of ids) journal.append(REPORTS, id, undefined, 'idle');
    },
  };
}
