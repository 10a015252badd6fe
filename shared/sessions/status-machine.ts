import type { SessionStatus } from './schema.ts';

/**
 * Which reported status may follow which. A report outside this table counts as activity and does not change
 * the status: the session's epoch and the report's seq are checked before.
 */
const NEXT: Readonly<Record<SessionStatus, readonly SessionStatus[]>> = {
  DISCONNECTED: [
    'INITIALIZING',
    'CONNECTING',
    'QR_REQUIRED',
    'CONNECTED',
    'RECONNECTING',
    'LOGGED_OUT',
    'ERROR',
  ],
  INITIALIZING: [
    'DISCONNECTED',
    'CONNECTING',
    'QR_REQUIRED',
    'CONNECTED',
    'RECONNECTING',
    'LOGGED_OUT',
    'ERROR',
  ],
  CONNECTING: ['DISCONNECTED', 'QR_REQUIRED', 'CONNECTED', 'RECONNECTING', 'LOGGED_OUT', 'ERROR'],
  QR_REQUIRED: [
    'QR_REQUIRED',
    'DISCONNECTED',
    'CONNECTING',
    'CONNECTED',
    'RECONNECTING',
    'LOGGED_OUT',
    'ERROR',
  ],
  CONNECTED: ['DISCONNECTED', 'CONNECTING', 'RECONNECTING', 'LOGGED_OUT', 'ERROR'],
  RECONNECTING: ['DISCONNECTED', 'CONNECTING', 'QR_REQUIRED', 'CONNECTED', 'LOGGED_OUT', 'ERROR'],
  // Only a new attempt to link leads out of this status.
  LOGGED_OUT: ['INITIALIZING', 'CONNECTING', 'QR_REQUIRED'],
  ERROR: [
    'DISCONNECTED',
    'INITIALIZING',
    'CONNECTING',
    'QR_REQUIRED',
    'CONNECTED',
    'RECONNECTING',
    'LOGGED_OUT',
  ],
};

export function mayFollow(from: SessionStatus, to: SessionStatus): boolean {
  return NEXT[from].includes(to);
}

/** The statuses that `to` may follow; stores turn them into write conditions. */
export function predecessors(to: SessionStatus): SessionStatus[] {
  return (Object.keys(NEXT) as SessionStatus[]).filter((from) => NEXT[from].includes(to));
}

/** Worker-side spelling. */
export function toWorkerStatus(status: SessionStatus): Lowercase<SessionStatus> {
  return status.toLowerCase() as Lowercase<SessionStatus>;
}
