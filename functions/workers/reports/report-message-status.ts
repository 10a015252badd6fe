import { messageReportEvents } from '../../../shared/events/status-events.ts';
import { isWaiting } from '../../../shared/messages/outbox/outbox-item.ts';
import { NOT_SENT_CODE } from '../../../shared/messages/send-errors.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import { reportMessageStatus } from '../../../shared/workers/reports/routes.ts';
import type { MessageReport } from '../../../shared/workers/reports/schema.ts';
import type { Deps } from '../../deps.ts';
import { implement } from '../../http/implement.ts';
import { advanceMessage } from '../../usage/advance-message.ts';
import { enqueueSessionEvents } from '../../webhooks/delivery/enqueue-webhook-event.ts';
import { staleOwner } from './take-session-report.ts';

async function take(deps: Deps, report: MessageReport, session: SessionItem): Promise<boolean> {
  const { sessionId, messageId, status, to, error, errorCode } = report;
  const at = new Date(report.timestamp ?? deps.now()).toISOString();
  const about = { to: to ?? undefined, error: error ?? undefined, errorCode: errorCode ?? undefined };
  const { userId } = session;
  const events = messageReportEvents(report, deps.now());
  await enqueueSessionEvents(deps, session, events);
  const [moved, listeners] = await Promise.all([
    advanceMessage(deps, { userId, sessionId, messageId, status, at, ...about }),
    deps.push.listeners({ userId, sessionId }),
  ]);
  await listeners.send(events);
  return moved !== undefined;
}

/** The outbox hands it over again, so for its tenant nothing has failed. */
async function willBeSent(deps: Deps, { sessionId, messageId, status, errorCode }: MessageReport) {
  if (status !== 'failed' || errorCode !== NOT_SENT_CODE) return false;
  const item = await deps.stores.outbox.get(sessionId, messageId);
  return item !== undefined && isWaiting(item);
}

export const handler = implement(reportMessageStatus, async ({ body }, deps) => {
  const session = await deps.stores.sessions.get(body.sessionId);
  const isOwner =
    session !== undefined &&
    session.deletedAt === undefined &&
    (body.epoch === undefined || body.epoch === session.epoch);
  if (!isOwner) throw staleOwner();
  const applied = !(await willBeSent(deps, body)) && (await take(deps, body, session));
  return { data: { applied }, message: 'Message status updated' };
});
