import type { SessionItem } from '../../shared/sessions/session-item.ts';
import type { WorkerItem } from '../../shared/workers/worker-item.ts';
import type { Deps } from '../deps.ts';
import { orderBody } from '../sessions/lifecycle/command-session.ts';
import { hop } from './calls/hop.ts';

/** Purges confirmed with one heartbeat; the next one continues. */
const MAX_CONFIRMED = 5;
const TIMEOUT_MS = 3_000;
/** The request that deleted the session commands the worker itself; this waits for it. */
const AFTER_MS = 30_000;

/**
 * A heartbeat does not say what was purged, so a worker that still has tombstones is told again to delete,
 * which changes nothing where it has done so: its answer is the confirmation.
 */
export async function confirmPurges(
  deps: Deps,
  worker: WorkerItem,
  sessions: readonly SessionItem[],
  requestId: string,
): Promise<void> {
  const due = sessions.filter(
    ({ workerId, deletedAt, updatedAt }) =>
      workerId === worker.workerId &&
      deletedAt !== undefined &&
      deps.now() - Date.parse(updatedAt) > AFTER_MS,
  );
  const client = deps.workers({ endpoint: worker.endpoint, requestId });
  await Promise.all(
    due.slice(0, MAX_CONFIRMED).map(async (session) => {
      const request = { params: { sessionId: session.sessionId }, body: orderBody(session) };
      const answer = await hop(client.workerDeleteSession(request, { timeoutMs: TIMEOUT_MS }));
      if (answer.outcome === 'answered') await deps.stores.sessions.settleBurial(session);
    }),
  );
}
