import { createHash } from 'node:crypto';
import { isAboutMessage } from '../messages/actions.ts';
import type { MessageReport, SessionReport } from '../workers/reports/schema.ts';
import type { WorkerEvent } from '../workers/worker-event.ts';
import type { WebhookEventType } from './event-types.ts';
import type { WebhookEvent } from './webhook-event.ts';

/** Workers of the seeds' forms give no ids: the same report then has the same digest. */
const identify = (given: string | undefined, report: object) =>
  given ?? createHash('sha256').update(JSON.stringify(report)).digest('hex').slice(0, 32);

/** A time that stays the same when a report comes again, where the report has one. */
function timeOf(now: number, ...given: unknown[]): string {
  const times = given.map((each) => (typeof each === 'string' ? Date.parse(each) : Number.NaN));
  return new Date(times.find((each) => !Number.isNaN(each)) ?? now).toISOString();
}

const withoutNulls = (fields: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));

/** `now` is in milliseconds, for reports that carry no time. */
export function sessionEvents(
  report: SessionReport,
  phoneNumber: string | null,
  now: number,
): WebhookEvent[] {
  const { sessionId, status, error, errorCode, qrCode, qrString, qrExpiresAt, timestamp } = report;
  const id = identify(report.id, report);
  const at = timeOf(now, timestamp);
  const changed: WebhookEvent = {
    id,
    type: 'session.status',
    sessionId,
    at,
    data: { sessionId, status, phoneNumber, ...withoutNulls({ error, errorCode }) },
  };
  if (status !== 'QR_REQUIRED' || !(qrString || qrCode)) return [changed];
  const qr = withoutNulls({ qrString, qrCode, expiresAt: qrExpiresAt });
  return [{ ...{ id, type: 'session.qr', sessionId, at }, data: { sessionId, status, ...qr } }, changed];
}

/** `pending` is the gateway's own state and tells a tenant nothing. */
export function messageEvents(report: MessageReport, now: number): WebhookEvent[] {
  const { sessionId, messageId, status, to, error, errorCode, timestamp } = report;
  if (status === 'pending') return [];
  const at = timeOf(now, timestamp);
  const data = { messageId, sessionId, status, ...withoutNulls({ to, error, errorCode }), timestamp: at };
  const type = status === 'failed' ? 'message.failed' : 'message.status';
  return [{ id: identify(report.id, report), type, sessionId, at, data }];
}

/** Status has callbacks of its own; a worker's own life is no tenant's business. */
const TYPE_OF: Readonly<Partial<Record<WorkerEvent['event'], WebhookEventType>>> = {
  message_received: 'message.received',
  message_sent: 'message.sent',
  message_failed: 'message.failed',
  message_reaction: 'message.reaction',
  message_edited: 'message.edited',
  message_revoked: 'message.revoked',
  message_undecryptable: 'message.undecryptable',
  poll_vote: 'poll.vote',
  event_response: 'event.response',
  group_updated: 'group.updated',
  call_received: 'call.received',
};

/** `undefined` where tenants are not told. */
export function workerEvent(event: WorkerEvent, sessionId: string, now: number): WebhookEvent | undefined {
  const type = TYPE_OF[event.event];
  const { data, timestamp } = event;
  if (type === undefined) return undefined;
  // An edit, a revocation or a reaction leaves as a message does, and is none to whoever reads.
  if (type === 'message.sent' && typeof data['type'] === 'string' && isAboutMessage(data['type']))
    return undefined;
  // A message that WhatsApp delivers again is reported at another time, but is of the same time.
  const at = timeOf(now, data['timestamp'], timestamp);
  return { id: identify(event.id, event), type, sessionId, at, data: { ...data, sessionId } };
}
