import { createHash } from 'node:crypto';
import { AppError } from '../../../shared/errors/app-error.ts';
import { linkOf } from '../../../shared/messages/outbox/link.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import { reportTime } from '../../../shared/sessions/session-report.ts';
import type { ReportOutcome } from '../../../shared/sessions/store.ts';
import type { SessionReport } from '../../../shared/workers/reports/schema.ts';
import type { Deps } from '../../deps.ts';
import { wakeConnected } from '../../messages/outbox/wake-up.ts';
import type { Outgoing } from '../../realtime/frame.ts';
import { qrEvent, statusEvent } from '../../realtime/session-events.ts';
import { meterSession } from '../../usage/meter-session.ts';
import { enqueueSessionReport } from '../../webhooks/delivery/enqueue-reports.ts';

/** The same id for every delivery of a report, whether or not its worker gives ids. */
function eventId(report: SessionReport, at: string): string {
  if (report.id !== undefined) return report.id;
  const { sessionId, epoch, seq, status, qrString } = report;
  const text = JSON.stringify([sessionId, epoch, seq, status, seq === undefined ? at : '', qrString]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** Clients are told what the report says, not what the record has become since. */
async function eventsOf(session: SessionItem, report: SessionReport, now: number): Promise<Outgoing[]> {
  const timestamp = reportTime(report, now);
  const id = eventId(report, timestamp);
  const { sessionId, status, error, errorCode, qrString, qrCode } = report;
  const statusUpdate = statusEvent(
    { sessionId, status, phoneNumber: session.phoneNumber, error, errorCode },
    { id, timestamp },
  );
  if (status !== 'QR_REQUIRED' || !(qrString || qrCode)) return [statusUpdate];
  const expiresAt = report.qrExpiresAt ?? session.qrExpiresAt ?? new Date(now + 60_000).toISOString();
  const qr = {
    qrString: qrString ?? undefined,
    qrCode: qrCode ?? undefined,
    expiresAt: new Date(expiresAt).toISOString(),
  };
  // Receivers drop repeats by id, so the two events of one report have two ids.
  return [qrEvent(sessionId, qr, { id: `${id}.qr`, timestamp }), statusUpdate];
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
  const [outcome, listeners] = await Promise.all([
    enqueueSessionReport(deps, session, report).then(() => deps.stores.sessions.applyReport(session, report)),
    deps.push.listeners(session),
  ]);
  if (outcome.verdict === 'apply' || outcome.verdict === 'repeat')
    await listeners.send(await eventsOf(outcome.session, report, deps.now()));
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
