import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import type { Deps } from '../../deps.ts';
import { hop } from '../../workers/calls/hop.ts';
import { connect } from './connect.ts';
import type { Disconnecting } from './disconnect.ts';
import { START_TIMEOUT_MS } from './start-on-worker.ts';

/** Closes and connects again, credentials kept; throws as `connect` does. */
export async function restart(deps: Deps, session: SessionItem, requestId: string): Promise<Disconnecting> {
  const { status, data } = await connect(deps, session, requestId, ({ client, params, body }) =>
    hop(client.workerRestartSession({ params, body }, { timeoutMs: START_TIMEOUT_MS })),
  );
  return { status, data: { sessionId: data.sessionId, status: data.status } };
}
