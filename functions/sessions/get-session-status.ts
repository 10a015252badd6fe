import { completeQr } from '../../shared/sessions/qr/draw-qr.ts';
import { getSessionStatus } from '../../shared/sessions/routes.ts';
import { liveQr } from '../../shared/sessions/session-item.ts';
import { isAdmin } from '../http/caller.ts';
import { implement } from '../http/implement.ts';
import { confirmSession } from './confirm-sessions.ts';
import { findVisibleSession } from './own-session.ts';

export const handler = implement(getSessionStatus, async ({ caller, params }, deps) => {
  const session = await findVisibleSession(deps, caller, params.sessionId);
  const { sessionId, status, phoneNumber, lastActivity, error, errorCode, workerId } = session;
  const confirmation = await confirmSession(deps, session);
  const qr = liveQr(session, deps.now());
  return {
    data: {
      sessionId,
      status,
      phoneNumber,
      lastActivity,
      ...confirmation,
      ...(error === undefined ? {} : { error }),
      ...(errorCode === undefined ? {} : { errorCode }),
      ...(workerId !== undefined && isAdmin(caller) ? { workerId } : {}),
      ...(qr === undefined ? {} : completeQr(qr)),
    },
  };
});
