import { completeQr } from '../sessions/qr/draw-qr.ts';
import type { SessionItem } from '../sessions/session-item.ts';
import type { MessageReport, SessionReport } from '../workers/reports/schema.ts';
import { createEvent } from './create-event.ts';
import { factOf, timeOf } from './event-of-report.ts';
import { messageFailed, messageStatus } from './message-events.ts';
import type { EventOf, WebhookEvent } from './registry.ts';
import { type SessionStatusData, sessionQr, sessionStatus } from './session-events.ts';

/** A QR without an expiry comes from a worker of another make; WhatsApp shows the first for a minute. */
const DEFAULT_QR_TTL_MS = 60_000;

type Happened = { fact: string; at: string };
type StatusFields = Pick<SessionItem, 'sessionId' | 'status' | 'phoneNumber'> & {
  error?: string | null | undefined;
  errorCode?: string | null | undefined;
};

export function sessionStatusEvent(
  { sessionId, status, phoneNumber, error, errorCode }: StatusFields,
  happened: Happened,
): EventOf<typeof sessionStatus> {
  const data: SessionStatusData = {
    sessionId,
    status,
    phoneNumber,
    ...(error ? { error } : {}),
    ...(errorCode ? { errorCode } : {}),
  };
  return createEvent(sessionStatus, { ...happened, sessionId, data });
}

export function sessionQrEvent(
  sessionId: string,
  { expiresAt, ...qr }: { qrString: string | undefined; qrCode: string | undefined; expiresAt: string },
  happened: Happened,
): EventOf<typeof sessionQr> {
  const data = { sessionId, status: 'QR_REQUIRED' as const, ...completeQr(qr), expiresAt };
  return createEvent(sessionQr, { ...happened, sessionId, data });
}

/**
 * What tenants are told of a report of a session's status: what the report says, not what the record has become since.
 * @param now milliseconds since the epoch, for reports that carry no time
 */
export function sessionReportEvents(
  report: SessionReport,
  phoneNumber: string | null,
  now: number,
): WebhookEvent[] {
  const { sessionId, status, error, errorCode, qrCode, qrString, qrExpiresAt } = report;
  const happened = { fact: factOf(report.id, report), at: timeOf(now, report.timestamp) };
  const changed = sessionStatusEvent({ sessionId, status, phoneNumber, error, errorCode }, happened);
  if (status !== 'QR_REQUIRED' || !(qrString || qrCode)) return [changed];
  const expiresAt = new Date(qrExpiresAt ?? Date.parse(happened.at) + DEFAULT_QR_TTL_MS).toISOString();
  const qr = { qrString: qrString ?? undefined, qrCode: qrCode ?? undefined, expiresAt };
  return [sessionQrEvent(sessionId, qr, happened), changed];
}

/** Likewise, of what became of a message. `pending` is the gateway's own state and tells a tenant nothing. */
export function messageReportEvents(report: MessageReport, now: number): WebhookEvent[] {
  const { sessionId, messageId, status, to, error, errorCode } = report;
  if (status === 'pending') return [];
  const at = timeOf(now, report.timestamp);
  const happened = { fact: factOf(report.id, report), at, sessionId };
  const about = { sessionId, messageId, ...(to ? { to } : {}), timestamp: at };
  if (status !== 'failed') return [createEvent(messageStatus, { ...happened, data: { ...about, status } })];
  const why = { ...(error ? { error } : {}), ...(errorCode ? { errorCode } : {}) };
  return [createEvent(messageFailed, { ...happened, data: { ...about, status, ...why } })];
}
