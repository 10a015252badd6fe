import { AppError } from '../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../shared/errors/error-codes.ts';
import type { Deps } from '../deps.ts';
import type { RequestScope } from '../http/implement.ts';
import { findOwnSession, requireConnected } from '../sessions/own-session.ts';
import { hop, toRefusal } from '../workers/calls/hop.ts';
import type { WorkerClient } from '../workers/calls/worker-gateway.ts';

/** A worker waits 15 s for each answer of WhatsApp, and few requests need more than one. */
const TIMEOUT_MS = 25_000;

const PASSED_ON: readonly ErrorCode[] = [
  'VALIDATION_ERROR',
  'FORBIDDEN',
  'GROUP_NOT_FOUND',
  'CONFLICT',
  'SESSION_NOT_CONNECTED',
  'SESSION_MOVING',
  'RATE_LIMITED',
  'STORAGE_UNAVAILABLE',
  'WORKER_TIMEOUT',
];
export interface Question {
  client: WorkerClient;
  epoch: number;
  options: { timeoutMs: number };
}

/**
 * Asks the worker that runs a session of the caller's, which asks WhatsApp.
 * @throws AppError NOT_FOUND, SESSION_NOT_CONNECTED, SESSION_MOVING, WORKER_UNREACHABLE, WORKER_TIMEOUT, WORKER_ERROR
 * where its answer is none that is declared, and what the worker refuses it with
 */
export async function askWorker<T>(
  deps: Deps,
  {
    caller,
    params,
    requestId,
  }: Pick<RequestScope, 'caller' | 'requestId'> & { params: { sessionId: string } },
  ask: (question: Question) => Promise<{ status: number; data: T }>,
): Promise<T> {
  const session = await findOwnSession(deps, caller, params.sessionId);
  const client = deps.workers({
    endpoint: requireConnected(session, deps.now()),
    requestId,
    checkAnswers: true,
  });
  const answer = await hop(ask({ client, epoch: session.epoch, options: { timeoutMs: TIMEOUT_MS } }));
  if (answer.outcome === 'answered') return answer.data;
  if (answer.outcome === 'unknown')
    throw new AppError(
      'WORKER_TIMEOUT',
      'The worker took too long to answer; it may have done it all the same.',
    );
  throw toRefusal(answer, PASSED_ON);
}
