import { AppError } from '../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../shared/errors/error-codes.ts';
import { requestPairingCode } from '../../shared/sessions/routes.ts';
import { isLinked } from '../../shared/sessions/session-item.ts';
import { implement } from '../http/implement.ts';
import { hop, toRefusal } from '../workers/calls/hop.ts';
import { callOwner } from './lifecycle/command-session.ts';
import { connect } from './lifecycle/connect.ts';
import { findOwnSession, noSuchSession } from './own-session.ts';

/** Time for the attempt's first QR and for WhatsApp's answer. */
const TIMEOUT_MS = 14_000;

const PASSED_ON: readonly ErrorCode[] = [
  'VALIDATION_ERROR',
  'CONFLICT',
  'RATE_LIMITED',
  'STORAGE_UNAVAILABLE',
  'WORKER_TIMEOUT',
];

export const handler = implement(requestPairingCode, async ({ caller, params, body, requestId }, deps) => {
  const session = await findOwnSession(deps, caller, params.sessionId);
  if (isLinked(session))
    throw new AppError('CONFLICT', 'This session is linked already. Log it out first to link another phone.');
  const { sessionId } = session;
  await connect(deps, session, requestId);
  const placed = await deps.stores.sessions.get(sessionId);
  if (placed === undefined || placed.deletedAt !== undefined) throw noSuchSession();
  const call = callOwner(deps, placed, requestId, { checkAnswers: true });
  if (call === undefined)
    throw new AppError(
      'SESSION_MOVING',
      'This session is being placed on a worker just now. Try again shortly.',
    );
  const request = { params: call.params, body: { ...call.body, ...body } };
  const answer = await hop(call.client.workerPairingCode(request, { timeoutMs: TIMEOUT_MS }));
  if (answer.outcome === 'answered') return { data: answer.data };
  if (answer.outcome === 'unknown')
    throw new AppError('WORKER_TIMEOUT', 'The worker took too long to get a code. Try again.');
  throw toRefusal(answer, PASSED_ON);
});
