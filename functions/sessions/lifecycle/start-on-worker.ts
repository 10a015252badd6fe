import { type SessionItem, settingsFor } from '../../../shared/sessions/session-item.ts';
import type { WorkerSession } from '../../../shared/workers/api/schema.ts';
import type { Deps } from '../../deps.ts';
import { type Hop, hop } from '../../workers/calls/hop.ts';
import { orderBody } from './command-session.ts';

/** The worker answers with the first QR or `connected`, or after a few seconds with `connecting`. */
export const START_TIMEOUT_MS = 10_000;

/**
 * Tells the worker that was just assigned to take and connect a session. Workers without `/start` are asked
 * to create it, then to connect it.
 */
export async function startOnWorker(
  deps: Deps,
  session: SessionItem,
  options: { requestId: string; timeoutMs?: number },
): Promise<Hop<WorkerSession>> {
  const { sessionId, userId, name, authFloor, workerEndpoint = '' } = session;
  const { requestId, timeoutMs = START_TIMEOUT_MS } = options;
  const client = deps.workers({ endpoint: workerEndpoint, requestId });
  const settings = settingsFor(session);
  const order = orderBody(session);
  const body = { sessionId, userId, sessionName: name, ...order, authFloor, ...settings };
  const started = await hop(client.workerStartSession({ body }, { timeoutMs }));
  if (started.outcome !== 'failed' || started.error.status !== 404) return started;

  const created = await hop(client.workerCreateSession({ body }, { timeoutMs }));
  const exists = created.outcome === 'failed' && created.error.status === 409;
  if (created.outcome !== 'answered' && !exists) return created;
  return await hop(client.workerConnectSession({ params: { sessionId }, body: order }, { timeoutMs }));
}
