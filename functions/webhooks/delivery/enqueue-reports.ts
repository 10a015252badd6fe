import { type SessionItem, tellsWebhooks } from '../../../shared/sessions/session-item.ts';
import { judgeReport } from '../../../shared/sessions/session-report.ts';
import { messageEvents, sessionEvents, workerEvent } from '../../../shared/webhooks/map-report.ts';
import type { MessageReport, SessionReport } from '../../../shared/workers/reports/schema.ts';
import type { WorkerEvent } from '../../../shared/workers/worker-event.ts';
import type { DeliveryDeps } from './delivery-deps.ts';
import { enqueueWebhookEvents } from './enqueue-webhook-event.ts';

type EnqueueDeps = Pick<DeliveryDeps, 'directory' | 'queues' | 'now'>;

/**
 * Enqueues what workers report, for tenants' webhooks. It runs before the state is written: in the other
 * order, a report repeated after a crash would change nothing and its event would be lost. A repeated report
 * is enqueued again under the same ids. Sessions whose webhooks are off are skipped.
 */
export async function enqueueSessionReport(
  deps: EnqueueDeps,
  session: SessionItem,
  report: SessionReport,
): Promise<void> {
  const now = deps.now();
  if (!tellsWebhooks(session)) return;
  const verdict = judgeReport(session, report, now);
  if (verdict !== 'apply' && verdict !== 'repeat') return;
  const digits = report.phoneNumber?.replace(/\D/g, '');
  const phoneNumber = digits ? `+${digits}` : session.phoneNumber;
  await enqueueWebhookEvents(deps, session.userId, sessionEvents(report, phoneNumber, now));
}

/** A status that the control plane has set itself. */
export async function enqueueSessionStatus(
  deps: EnqueueDeps,
  { sessionId, userId, status, phoneNumber, deletedAt, settings }: SessionItem,
  identity: { id: string; timestamp: string },
): Promise<void> {
  if (deletedAt !== undefined || !tellsWebhooks({ settings })) return;
  const events = sessionEvents({ sessionId, status, ...identity }, phoneNumber, deps.now());
  await enqueueWebhookEvents(deps, userId, events);
}

export async function enqueueMessageReport(
  deps: EnqueueDeps,
  session: SessionItem,
  report: MessageReport,
): Promise<void> {
  if (tellsWebhooks(session))
    await enqueueWebhookEvents(deps, session.userId, messageEvents(report, deps.now()));
}

/** Goes tenant by tenant, and keeps the order of each tenant's reports. */
export async function enqueueWorkerEvents(
  deps: EnqueueDeps,
  owned: readonly { event: WorkerEvent; session: SessionItem }[],
): Promise<void> {
  const told = owned.filter(({ session }) => session.deletedAt === undefined && tellsWebhooks(session));
  const byTenant = Map.groupBy(told, ({ session }) => session.userId);
  await Promise.all(
    [...byTenant].map(([userId, some]) => {
      const events = some.flatMap(
        ({ event, session }) => workerEvent(event, session.sessionId, deps.now()) ?? [],
      );
      return enqueueWebhookEvents(deps, userId, events);
    }),
  );
}
