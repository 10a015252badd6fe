import type { SessionItem } from '../../shared/sessions/session-item.ts';
import type { Deps } from '../deps.ts';
import { statusEvent } from './session-events.ts';

/** Tells clients of a status that the control plane itself has set. The write stands, whether or not they hear. */
export async function announceSession(deps: Deps, session: SessionItem): Promise<void> {
  try {
    await deps.push.toSession(session, [statusEvent(session, { timestamp: session.updatedAt })]);
  } catch (error) {
    deps.log.warn({ err: error, sessionId: session.sessionId }, 'a status could not be announced');
  }
}
