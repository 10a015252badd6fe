import type { ApiError } from '../../../shared/contract/api-error.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { completeQr } from '../../../shared/sessions/qr/draw-qr.ts';
import type { ConnectAnswer, SessionStatus } from '../../../shared/sessions/schema.ts';
import { isLinked, orderOf, type SessionItem } from '../../../shared/sessions/session-item.ts';
import type { WorkerSession } from '../../../shared/workers/api/schema.ts';
import { hasEnded, isLive, type WorkerItem } from '../../../shared/workers/worker-item.ts';
import type { Deps } from '../../deps.ts';
import { type Hop, hop, passOn } from '../../workers/calls/hop.ts';
import { callOwner, type OwnerCall, toSessionStatus, wishFor } from './command-session.ts';
import type { Disconnecting } from './disconnect.ts';
import { placeSession } from './place-session.ts';
import { START_TIMEOUT_MS } from './start-on-worker.ts';

/** 200 with the worker's answer, or 202 where it will happen later. */
export interface Connecting {
  status: 200 | 202;
  data: ConnectAnswer;
}

export type OwnerCommand = (call: OwnerCall) => Promise<Hop<WorkerSession>>;

export const connectCommand: OwnerCommand = ({ client, params, body }) =>
  hop(client.workerConnectSession({ params, body }, { timeoutMs: START_TIMEOUT_MS }));

async function done(sessionId: string, answer: WorkerSession): Promise<Connecting> {
  const { qrString, qrCode } = answer;
  const qr = qrString === undefined && qrCode === undefined ? {} : completeQr({ qrString, qrCode });
  return { status: 200, data: { sessionId, status: toSessionStatus(answer.status), ...qr } };
}

const later = (sessionId: string, status: SessionStatus): Connecting => ({
  status: 202,
  data: { sessionId, status },
});

/** Says why no worker took a session: the reason of the last one asked. */
function noWorker(refusal: ApiError | 'unreachable' | undefined): AppError {
  const isFull = refusal === undefined || (refusal !== 'unreachable' && refusal.code === 'WORKER_FULL');
  if (isFull)
    return new AppError('NO_WORKER_AVAILABLE', 'No worker has room for this session now. Try again shortly.');
  if (refusal !== 'unreachable' && refusal.code === 'STORAGE_UNAVAILABLE')
    return passOn(refusal, ['STORAGE_UNAVAILABLE']);
  return new AppError(
    'NO_WORKER_AVAILABLE',
    'No worker could take this session just now. Try again shortly.',
    {
      cause: refusal,
    },
  );
}

/** Assigns the session anew, and restores it where no worker takes it. */
async function connectAnew(
  deps: Deps,
  session: SessionItem,
  requestId: string,
  exclude?: string,
): Promise<Connecting> {
  const { sessionId, desired, status } = session;
  const starting = isLinked(session) ? 'RECONNECTING' : 'INITIALIZING';
  const terms = { desired: 'connected', status: starting } as const;
  const placement = await placeSession(deps, session, { requestId, terms, exclude });
  if (placement.outcome === 'started') return await done(sessionId, placement.answer);
  if (placement.outcome === 'pending' || placement.outcome === 'changed') return later(sessionId, starting);
  if (placement.session !== session) {
    // A session that was waiting for a worker goes on waiting.
    const unplaced = desired === 'connected' && isLinked(session);
    await deps.stores.sessions.unassign(placement.session, { desired, status, unplaced });
  }
  if (placement.outcome === 'failed') throw passOn(placement.error, []);
  throw noWorker(placement.refusal);
}

/** The session's owner, where it may still run it; one whose lease is over is fenced first. */
async function findOwner(deps: Deps, session: SessionItem): Promise<WorkerItem | undefined> {
  const { workers } = deps.stores;
  if (session.workerId === undefined) return undefined;
  const worker = await workers.get(session.workerId);
  if (worker === undefined || hasEnded(session.workerGeneration, worker, deps.now())) return undefined;
  if (worker.fencedAt !== undefined || isLive(worker, deps.now()) || !worker.fencesItself) return worker;
  return (await workers.fence(worker, 'lease-over')) === undefined ? worker : undefined;
}

/** Whether a worker has said that it does not hold the session, nor will under this wish or an earlier one. */
const isUnknownThere = ({ code, status }: ApiError, owner: WorkerItem) =>
  owner.fencesItself ? code === 'NOT_FOUND' : status === 404;

async function commandOwner(
  deps: Deps,
  session: SessionItem,
  owner: WorkerItem,
  { requestId, command }: { requestId: string; command: OwnerCommand },
): Promise<Connecting> {
  const wished = await wishFor(deps, session, 'connected');
  // Its owner lets go of it; the next one connects it.
  if (orderOf(wished) === 'released') return later(wished.sessionId, wished.status);
  const call = callOwner(deps, wished, requestId);
  if (call === undefined) return await connectAnew(deps, wished, requestId);
  const { sessionId, status } = wished;
  const answer = await command(call);
  if (answer.outcome === 'answered') return await done(sessionId, answer.data);
  if (answer.outcome === 'unknown') return later(sessionId, status);
  // Without credentials, two workers can spoil nothing for each other.
  const isFree = !isLinked(wished);
  if (answer.outcome === 'refused')
    return isFree ? await connectAnew(deps, wished, requestId, wished.workerId) : later(sessionId, status);
  const { code } = answer.error;
  if (code === 'STALE_OWNER' || isUnknownThere(answer.error, owner))
    return await connectAnew(deps, wished, requestId);
  if (code === 'SHUTTING_DOWN') {
    if (isFree) return await connectAnew(deps, wished, requestId, wished.workerId);
    throw new AppError('SESSION_MOVING', 'This session is moving to another worker. Try again shortly.');
  }
  throw passOn(answer.error, ['STORAGE_UNAVAILABLE']);
}

/**
 * Places the session on a worker, or tells its owner to connect it.
 * @throws AppError NO_WORKER_AVAILABLE with the session unchanged, SESSION_MOVING, WORKER_ERROR
 */
export async function connect(
  deps: Deps,
  session: SessionItem,
  requestId: string,
  command: OwnerCommand = connectCommand,
): Promise<Connecting> {
  const owner = session.status === 'LOGGED_OUT' ? undefined : await findOwner(deps, session);
  if (owner !== undefined) return await commandOwner(deps, session, owner, { requestId, command });
  return await connectAnew(deps, session, requestId);
}

/** Closes and connects again, credentials kept; throws as `connect` does. */
export async function restart(deps: Deps, session: SessionItem, requestId: string): Promise<Disconnecting> {
  const { status, data } = await connect(deps, session, requestId, ({ client, params, body }) =>
    hop(client.workerRestartSession({ params, body }, { timeoutMs: START_TIMEOUT_MS })),
  );
  return { status, data: { sessionId: data.sessionId, status: data.status } };
}
