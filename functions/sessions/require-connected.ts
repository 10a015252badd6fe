import { AppError } from '../../shared/errors/app-error.ts';
import type { SessionItem } from '../../shared/sessions/session-item.ts';

/**
 * The address of the worker through which a session reaches WhatsApp.
 * @throws AppError SESSION_NOT_CONNECTED, SESSION_MOVING
 */
export function requireConnected(session: SessionItem): string {
  if (session.status !== 'CONNECTED')
    throw new AppError(
      'SESSION_NOT_CONNECTED',
      `This session is ${session.status.toLowerCase().replace('_', ' ')}. Connect it first.`,
    );
  if (session.workerEndpoint === undefined)
    throw new AppError('SESSION_MOVING', 'This session is moving to another worker. Try again shortly.');
  return session.workerEndpoint;
}
