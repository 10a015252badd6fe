import { restartSession } from '../../shared/sessions/routes.ts';
import { implement } from '../http/implement.ts';
import { hop } from '../workers/hop.ts';
import { connect } from './connect.ts';
import { findOwnSession } from './own-session.ts';
import { START_TIMEOUT_MS } from './start-on-worker.ts';

export const handler = implement(restartSession, async ({ caller, params, requestId }, deps) => {
  const session = await findOwnSession(deps, caller, params.sessionId);
  const { status, data } = await connect(deps, session, requestId, (call) =>
    hop(
      call.client.workerRestartSession(
        { params: call.params, body: call.body },
        { timeoutMs: START_TIMEOUT_MS },
      ),
    ),
  );
  return { status, data: { sessionId: data.sessionId, status: data.status } };
});
