import { AppError } from '../../../shared/errors/app-error.ts';
import { type DesiredState, SessionStatus } from '../../../shared/sessions/schema.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import type { Deps } from '../../deps.ts';
import type { WorkerClient } from '../../workers/calls/worker-gateway.ts';
import { noSuchSession } from '../own-session.ts';

const MAX_TRIES = 4;

/**
 * Makes one conditional write to a session, and reads it again whenever somebody else was faster.
 * @throws AppError NOT_FOUND where it was deleted meanwhile, SESSION_MOVING where it keeps changing
 */
export async function changeSession(
  deps: Deps,
  session: SessionItem,
  change: (session: SessionItem) => Promise<SessionItem | undefined>,
): Promise<SessionItem> {
  let current = session;
  for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
    const changed = await change(current);
    if (changed !== undefined) return changed;
    const found = await deps.stores.sessions.get(session.sessionId);
    if (found === undefined || found.deletedAt !== undefined) throw noSuchSession();
    current = found;
  }
  throw new AppError('SESSION_MOVING', 'This session is changing hands just now. Try again shortly.');
}

/** Stores the wish, so that it is carried out even if no worker hears of it now. */
export function wishFor(
  deps: Deps,
  session: SessionItem,
  desired: DesiredState,
  status?: SessionStatus,
): Promise<SessionItem> {
  return changeSession(deps, session, (current) => deps.stores.sessions.wish(current, desired, status));
}

/** What every command carries: for which lease, epoch and wish it counts. */
export function orderBody({ workerGeneration: generation, epoch, rev }: SessionItem): OwnerCall['body'] {
  return { ...(generation === undefined ? {} : { generation }), epoch, rev };
}

export interface OwnerCall {
  client: WorkerClient;
  params: { sessionId: string };
  body: { generation?: number; epoch: number; rev: number };
}

/** The parts of a command to the session's owner; `undefined` where nobody owns it. */
export function callOwner(
  deps: Deps,
  session: SessionItem,
  requestId: string,
  { checkAnswers = false }: { checkAnswers?: boolean } = {},
): OwnerCall | undefined {
  const { workerEndpoint: endpoint, sessionId } = session;
  if (endpoint === undefined) return undefined;
  const client = deps.workers({ endpoint, requestId, checkAnswers });
  return { client, params: { sessionId }, body: orderBody(session) };
}

/** Maps the worker API's spelling of a status to the tenant API's; an unknown word shows as CONNECTING. */
export function toSessionStatus(status: unknown): SessionStatus {
  const parsed = SessionStatus.safeParse(typeof status === 'string' ? status.toUpperCase() : undefined);
  return parsed.success ? parsed.data : 'CONNECTING';
}
