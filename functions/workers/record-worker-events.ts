import { createHash } from 'node:crypto';
import type { SessionItem } from '../../shared/sessions/session-item.ts';
import { recordWorkerEvents } from '../../shared/workers/routes.ts';
import type { WorkerEvent } from '../../shared/workers/worker-event.ts';
import type { Deps } from '../deps.ts';
import { implement } from '../http/implement.ts';
import type { Outgoing } from '../realtime/frame.ts';
import { countReceived } from '../usage/count-received.ts';
import { enqueueWorkerEvents } from '../webhooks/delivery/enqueue-reports.ts';
import { logWorkerEvent } from './log-worker-event.ts';
import { staleOwner } from './reports/take-session-report.ts';

interface OwnedEvent {
  event: WorkerEvent;
  session: SessionItem;
}

const isCurrent = ({ event, session }: OwnedEvent) =>
  event.epoch === undefined || event.epoch === session.epoch;

function timeOf(event: WorkerEvent, now: number): string {
  const given = Date.parse(event.timestamp ?? '');
  return new Date(Number.isNaN(given) ? now : given).toISOString();
}

function messageReceived({ event, session }: OwnedEvent, now: number): Outgoing {
  const { data } = event;
  const digest = createHash('sha256')
    .update(JSON.stringify([session.sessionId, data]))
    .digest('base64url');
  const id = event.id ?? digest.slice(0, 22);
  const messageId = [data['id'], data['messageId']].find((each) => typeof each === 'string') ?? id;
  return {
    event: 'message_received',
    id,
    data: { ...data, sessionId: session.sessionId, id: String(messageId) },
    timestamp: timeOf(event, now),
  };
}

const receivedIn = (owned: readonly OwnedEvent[]) =>
  owned.filter(({ event, session }) => event.event === 'message_received' && !session.deletedAt);

/** Pushes received events, session by session, in the order they came. */
async function pushReceived(deps: Deps, owned: readonly OwnedEvent[]): Promise<void> {
  const bySession = Map.groupBy(receivedIn(owned), ({ session }) => session);
  await Promise.all(
    [...bySession].map(([session, events]) =>
      deps.push.toSession(
        session,
        events.map((each) => messageReceived(each, deps.now())),
      ),
    ),
  );
}

/** A worker has purged the data that a tombstone stands for. */
async function settleBurials(deps: Deps, workerId: string, owned: readonly OwnedEvent[]): Promise<void> {
  const purged = owned.filter(
    ({ event, session }) =>
      event.event === 'session_deleted' && session.deletedAt !== undefined && session.workerId === workerId,
  );
  await Promise.all(purged.map(({ session }) => deps.stores.sessions.settleBurial(session)));
}

export const handler = implement(recordWorkerEvents, async ({ params, body, log }, deps) => {
  const ids = body.flatMap(({ sessionId }) => (sessionId === undefined ? [] : [sessionId]));
  const sessions = await deps.stores.sessions.getMany(ids);
  const byId = new Map(sessions.map((session) => [session.sessionId, session]));
  const owned = body.flatMap((event) => {
    const session = event.sessionId === undefined ? undefined : byId.get(event.sessionId);
    return session === undefined ? [] : [{ event, session }];
  });
  const current = owned.filter(isCurrent);
  if (owned.length > 0 && current.length === 0) throw staleOwner();

  await enqueueWorkerEvents(deps, current);
  await Promise.all([
    pushReceived(deps, current),
    countReceived(deps, receivedIn(current)),
    settleBurials(deps, params.workerId, current),
  ]);
  for (const event of body) logWorkerEvent(log, params.workerId, event);
  return { data: { received: body.length }, message: 'Event received' };
});
