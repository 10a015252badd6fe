import { AppError } from '../../shared/errors/app-error.ts';
import { isMoving, type SessionItem } from '../../shared/sessions/session-item.ts';
import type { Deps } from '../deps.ts';
import { asTenant, type Caller, isAdmin } from '../http/caller.ts';

export const noSuchSession = () => new AppError('NOT_FOUND', 'There is no session with this id.');

/**
 * Finds a session that the caller may use. Another tenant's is answered exactly as a missing one.
 * @throws AppError NOT_FOUND
 */
export async function findOwnSession(deps: Deps, caller: Caller, sessionId: string): Promise<SessionItem> {
  const tenant = asTenant(caller);
  const reaches = tenant.kind === 'user' || tenant.sessionId === undefined || tenant.sessionId === sessionId;
  const session = await deps.stores.sessions.get(sessionId);
  if (session === undefined || session.deletedAt !== undefined || !reaches) throw noSuchSession();
  if (session.userId !== tenant.userId) throw noSuchSession();
  return session;
}

/** The same for routes on which administrators may read across tenants. */
export async function findVisibleSession(
  deps: Deps,
  caller: Caller,
  sessionId: string,
): Promise<SessionItem> {
  if (!isAdmin(caller)) return await findOwnSession(deps, caller, sessionId);
  const session = await deps.stores.sessions.get(sessionId);
  if (session === undefined || session.deletedAt !== undefined) throw noSuchSession();
  return session;
}

/**
 * Finds the worker through which a connected session reaches WhatsApp. `now` is in milliseconds.
 * @throws AppError SESSION_NOT_CONNECTED, SESSION_MOVING
 */
export function requireConnected(session: SessionItem, now: number): string {
  if (isMoving(session, now)) throw moving();
  if (session.status !== 'CONNECTED')
    throw new AppError(
      'SESSION_NOT_CONNECTED',
      `This session is ${session.status.toLowerCase().replace('_', ' ')}. Connect it first.`,
    );
  if (session.workerEndpoint === undefined) throw moving();
  return session.workerEndpoint;
}

const moving = () =>
  new AppError('SESSION_MOVING', 'This session is moving to another worker. Try again shortly.');
