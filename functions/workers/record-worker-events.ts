import { eventOfReport } from '../../shared/events/event-of-report.ts';
import type { GatewayEvent } from '../../shared/events/registry.ts';
import { type SessionItem, tellsWebhooks } from '../../shared/sessions/session-item.ts';
import { recordWorkerEvents } from '../../shared/workers/routes.ts';
import type { WorkerEvent } from '../../shared/workers/worker-event.ts';
import type { Deps } from '../deps.ts';
import { implement } from '../http/implement.ts';
import { countReceived } from '../usage/count-received.ts';
import { enqueueWebhookEvents } from '../webhooks/delivery/enqueue-webhook-event.ts';
import { logWorkerEvent } from './log-worker-event.ts';
import { staleOwner } from './reports/take-session-report.ts';

interface OwnedReport {
  report: WorkerEvent;
  session: SessionItem;
}

export interface ToldReport extends OwnedReport {
  event: GatewayEvent;
}

const isCurrent = ({ report, session }: OwnedReport) =>
  report.epoch === undefined || report.epoch === session.epoch;

/** What tenants are told, in the order it came. */
function eventsOf(deps: Deps, owned: readonly OwnedReport[]): ToldReport[] {
  return owned.flatMap(({ report, session }) => {
    if (session.deletedAt !== undefined) return [];
    const event = eventOfReport(report, session.sessionId, deps.now());
    if (event !== 'incomplete') return event === undefined ? [] : [{ report, session, event }];
    const { sessionId } = session;
    deps.log.warn(
      { sessionId, event: report.event, id: report.id },
      'an event is incomplete; nobody is told',
    );
    return [];
  });
}

/** Tenant by tenant. */
async function enqueue(deps: Deps, told: readonly ToldReport[]): Promise<void> {
  const byTenant = Map.groupBy(
    told.filter(({ session }) => tellsWebhooks(session)),
    ({ session }) => session.userId,
  );
  await Promise.all(
    [...byTenant].map(([userId, some]) =>
      enqueueWebhookEvents(
        deps,
        userId,
        some.map(({ event }) => event),
      ),
    ),
  );
}

/** Session by session. */
async function push(deps: Deps, told: readonly ToldReport[]): Promise<void> {
  const bySession = Map.groupBy(told, ({ session }) => session);
  await Promise.all(
    [...bySession].map(([session, some]) =>
      deps.push.toSession(
        session,
        some.map(({ event }) => event),
      ),
    ),
  );
}

/** A worker has purged the data that a tombstone stands for. */
async function settleBurials(deps: Deps, workerId: string, owned: readonly OwnedReport[]): Promise<void> {
  const purged = owned.filter(
    ({ report, session }) =>
      report.event === 'session_deleted' && session.deletedAt !== undefined && session.workerId === workerId,
  );
  await Promise.all(purged.map(({ session }) => deps.stores.sessions.settleBurial(session)));
}

export const handler = implement(recordWorkerEvents, async ({ params, body, log }, deps) => {
  const ids = body.flatMap(({ sessionId }) => (sessionId === undefined ? [] : [sessionId]));
  const sessions = await deps.stores.sessions.getMany(ids);
  const byId = new Map(sessions.map((session) => [session.sessionId, session]));
  const owned = body.flatMap((report) => {
    const session = report.sessionId === undefined ? undefined : byId.get(report.sessionId);
    return session === undefined ? [] : [{ report, session }];
  });
  const current = owned.filter(isCurrent);
  if (owned.length > 0 && current.length === 0) throw staleOwner();

  const told = eventsOf(deps, current);
  await enqueue(deps, told);
  await Promise.all([
    push(deps, told),
    countReceived(deps, told),
    settleBurials(deps, params.workerId, current),
  ]);
  for (const report of body) logWorkerEvent(log, params.workerId, report);
  return { data: { received: body.length }, message: 'Event received' };
});
