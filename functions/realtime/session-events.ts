import { createHash } from 'node:crypto';
import { completeQr } from '../../shared/sessions/qr/draw-qr.ts';
import { type LiveQr, liveQr, type SessionItem } from '../../shared/sessions/session-item.ts';
import type { Deps } from '../deps.ts';
import { enqueueSessionStatus } from '../webhooks/delivery/enqueue-reports.ts';
import type { Outgoing } from './frame.ts';

export interface EventIdentity {
  /** The same on a repeated delivery; absent for a state that was asked for. */
  id?: string;
  timestamp: string;
}

type StatusFields = Pick<SessionItem, 'sessionId' | 'status' | 'phoneNumber'> & {
  error?: string | null | undefined;
  errorCode?: string | null | undefined;
};

export function statusEvent(session: StatusFields, identity: EventIdentity): Outgoing {
  const { sessionId, status, phoneNumber, error, errorCode } = session;
  return {
    event: 'session_status_update',
    ...identity,
    data: {
      sessionId,
      status,
      phoneNumber,
      ...(error ? { error } : {}),
      ...(errorCode ? { errorCode } : {}),
    },
  };
}

export function qrEvent(sessionId: string, qr: LiveQr, identity: EventIdentity): Outgoing {
  const data = {
    sessionId,
    ...completeQr(qr),
    status: 'qr_required' as const,
    expiresAt: qr.expiresAt,
  };
  return { event: 'qr_code_update', ...identity, data };
}

/** The state that a late joiner is told. */
export async function currentState(session: SessionItem, now: number): Promise<Outgoing[]> {
  const identity = { timestamp: new Date(now).toISOString() };
  const qr = liveQr(session, now);
  const status = statusEvent(session, identity);
  return qr === undefined ? [status] : [status, qrEvent(session.sessionId, qr, identity)];
}

/** One for each write by the control plane: its epoch and rev are never used again. */
const eventIdOf = ({ sessionId, epoch, rev }: SessionItem) =>
  createHash('sha256')
    .update(JSON.stringify(['set', sessionId, epoch, rev]))
    .digest('base64url')
    .slice(0, 22);

/**
 * Tells clients and webhooks of a status that the control plane has set. The write stands whether or not they hear
 * of it.
 */
export async function announceSession(deps: Deps, session: SessionItem): Promise<void> {
  const identity = { id: eventIdOf(session), timestamp: session.updatedAt };
  try {
    await enqueueSessionStatus(deps, session, identity);
    await deps.push.toSession(session, [statusEvent(session, identity)]);
  } catch (error) {
    deps.log.warn({ err: error, sessionId: session.sessionId }, 'a status could not be announced');
  }
}
