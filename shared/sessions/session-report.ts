import {
  all,
  any,
  atMost,
  below,
  type Condition,
  equals,
  exists,
  missing,
  oneOf,
} from '../table/condition.ts';
import type { Change } from '../table/expression.ts';
import type { SessionReport } from '../workers/reports/schema.ts';
import type { SessionItem } from './session-item.ts';
import { mayFollow, predecessors } from './status-machine.ts';

/**
 * What a report means for the session: `apply` changes it, `activity` only shows that it lives (the status
 * may not follow), `repeat` is late or known, `stale` comes from a worker that no longer owns it.
 */
export type Verdict = 'apply' | 'activity' | 'repeat' | 'stale';

/** For workers that send no expiry: WhatsApp shows the first QR for a minute. */
const DEFAULT_QR_TTL_MS = 60_000;

/** When a report was made; a clock that is ahead must not silence later reports. */
export function reportTime(report: SessionReport, now: number): string {
  const at = report.timestamp === undefined ? now : Date.parse(report.timestamp);
  return new Date(Math.min(at, now)).toISOString();
}

const isNumbered = (report: SessionReport, session: SessionItem) =>
  report.seq !== undefined &&
  report.epoch !== undefined &&
  !(session.seq === undefined && session.reportedAt);

function isRepeat(session: SessionItem, report: SessionReport, at: string): boolean {
  if (isNumbered(report, session)) return session.seq !== undefined && (report.seq ?? 0) <= session.seq;
  if (session.reportedAt === undefined) return false;
  return at < session.reportedAt || (at === session.reportedAt && report.status === session.status);
}

export function judgeReport(session: SessionItem, report: SessionReport, now: number): Verdict {
  if (report.epoch !== undefined && report.epoch !== session.epoch) return 'stale';
  if (session.deletedAt !== undefined) return 'stale';
  const foreign = report.workerId !== undefined && report.workerId !== session.workerId;
  if (report.epoch === undefined && session.workerId !== undefined && foreign) return 'stale';
  if (isRepeat(session, report, reportTime(report, now))) return 'repeat';
  // What its owner has told on its way out says nothing of where it goes.
  if (session.move !== undefined && report.status !== 'LOGGED_OUT') return 'activity';
  return report.status === session.status || mayFollow(session.status, report.status) ? 'apply' : 'activity';
}

/** `+62…`, however the worker writes it. */
function toE164(phoneNumber: string): string {
  return `+${phoneNumber.replace(/\D/g, '')}`;
}

/** A different number shows a logout that was never reported. */
function phoneFields({ phoneNumber: before, relinks = 0 }: SessionItem, { phoneNumber }: SessionReport) {
  if (!phoneNumber) return {};
  const now = toE164(phoneNumber);
  const isOther = before !== null && before !== now;
  return { phoneNumber: now, ...(isOther ? { relinks: relinks + 1 } : {}) };
}

function qrFields(report: SessionReport, now: number) {
  if (report.status !== 'QR_REQUIRED')
    return { qrString: undefined, qrCode: undefined, qrExpiresAt: undefined };
  const given = report.qrExpiresAt ? Date.parse(report.qrExpiresAt) : now + DEFAULT_QR_TTL_MS;
  return {
    qrString: report.qrString ?? undefined,
    // The picture is five times as large as the text and can be drawn again.
    qrCode: report.qrString ? undefined : (report.qrCode ?? undefined),
    qrExpiresAt: new Date(given).toISOString(),
  };
}

/** Its owner has taken it, and has not got anywhere with it yet. */
const ON_THE_WAY: ReadonlySet<string> = new Set(['INITIALIZING', 'CONNECTING', 'RECONNECTING']);

/**
 * Leaving WhatsApp ends the ownership too: nothing is left to run, and no credentials may be inherited. It is a
 * wish as any other: whoever has read the session before it changes nothing any more.
 */
export function loggedOutFields({ epoch, rev }: Pick<SessionItem, 'epoch' | 'rev'>) {
  return {
    phoneNumber: null,
    authFloor: epoch + 1,
    desired: 'logged_out',
    rev: rev + 1,
    move: undefined,
    movingSince: undefined,
    assignedAt: undefined,
    workerId: undefined,
    workerEndpoint: undefined,
    workerGeneration: undefined,
    gsi1pk: undefined,
    gsi1sk: undefined,
  };
}

function order(session: SessionItem, report: SessionReport, at: string): Condition {
  if (isNumbered(report, session)) return any(missing('seq'), below('seq', report.seq ?? 0));
  return any(missing('reportedAt'), atMost('reportedAt', at));
}

/** The conditional write that applies a report. */
export function reportChange(
  session: SessionItem,
  report: SessionReport,
  verdict: 'apply' | 'activity',
  now: number,
): Change {
  const at = reportTime(report, now);
  const nowIso = new Date(now).toISOString();
  const taken = {
    reportedAt: at,
    lastActivity: nowIso,
    ...(report.seq === undefined ? {} : { seq: report.seq }),
  };
  const owned = all(
    exists('pk'),
    missing('deletedAt'),
    equals('epoch', session.epoch),
    order(session, report, at),
  );
  if (verdict === 'activity') return { set: { ...taken, ...phoneFields(session, report) }, condition: owned };
  const isLogout = report.status === 'LOGGED_OUT';
  return {
    set: {
      ...taken,
      status: report.status,
      updatedAt: nowIso,
      error: report.error ?? undefined,
      errorCode: report.errorCode ?? undefined,
      ...phoneFields(session, report),
      ...qrFields(report, now),
      ...(ON_THE_WAY.has(report.status) ? {} : { movingSince: undefined }),
      ...(isLogout ? loggedOutFields(session) : {}),
    },
    ...(report.status === 'CONNECTED' ? { setIfMissing: { connectedAt: at } } : {}),
    condition: all(
      owned,
      oneOf('status', [...predecessors(report.status), report.status]),
      isLogout ? equals('rev', session.rev) : missing('move'),
    ),
  };
}
