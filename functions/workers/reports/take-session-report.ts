import { AppError } from '../../../shared/errors/app-error.ts';
import { sessionReportEvents } from '../../../shared/events/status-events.ts';
import { linkOf } from '../../../shared/messages/outbox/link.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import { judgeReport, type Verdict } from '../../../shared/sessions/session-report.ts';
import type { ReportOutcome } from '../../../shared/sessions/store.ts';
import type { SessionReport } from '../../../shared/workers/reports/schema.ts';
import type { Deps } from '../../deps.ts';
import { wakeConnected } from '../../messages/outbox/wake-up.ts';
import { meterSession } from '../../usage/meter-session.ts';
import { enqueueSessionEvents } from '../../webhooks/delivery/enqueue-webhook-event.ts';

const isTold = (verdict: Verdict) => verdict === 'apply' || verdict === 'repeat';

/** The number as it stands once the report is taken. */
function phoneNumberOf(session: SessionItem, { status, phoneNumber }: SessionReport): string | null {
  if (status === 'LOGGED_OUT') return null;
  const digits = phoneNumber?.replace(/\D/g, '');
  return digits ? `+${digits}` : session.phoneNumber;
}

/**
 * Handles a report of a session that was just read: enqueues webhooks, makes one conditional write while it
 * looks up the listeners, then pushes. A repeated report changes nothing and is pushed again, in case the
 * first try died between the write and the push.
 */
export async function takeSessionReport(
  deps: Deps,
  session: SessionItem,
  report: SessionReport,
): Promise<ReportOutcome['verdict']> {
  const now = deps.now();
  const events = sessionReportEvents(report, phoneNumberOf(session, report), now);
  const foreseen = isTold(judgeReport(session, report, now));
  const [outcome, listeners] = await Promise.all([
    enqueueSessionEvents(deps, session, foreseen ? events : []).then(() =>
      deps.stores.sessions.applyReport(session, report),
    ),
    deps.push.listeners(session),
  ]);
  if (isTold(outcome.verdict)) {
    // The record has changed since it was read, and the report follows after all.
    if (!foreseen) await enqueueSessionEvents(deps, session, events);
    await listeners.send(events);
  }
  if (outcome.verdict === 'apply') await meterSession(deps, session, outcome.session);
  if (report.status === 'CONNECTED' && outcome.verdict !== 'stale')
    await wakeConnected(deps, session.sessionId);
  if (
    report.status === 'LOGGED_OUT' ? outcome.verdict !== 'stale' : linkOf(outcome.session) !== linkOf(session)
  )
    await deps.stores.wakeUps.end(session);
  return outcome.verdict;
}

export const staleOwner = () =>
  new AppError(
    'STALE_OWNER',
    'This worker does not own the session any more. Close it and report no further.',
  );
