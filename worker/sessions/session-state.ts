import type { WorkerSession, WorkerSessionStatus } from '../../shared/workers/api/schema.ts';

export interface QrPicture {
  /** `data:` URL of a PNG. */
  code: string;
  text: string;
  expiresAt: Date;
}

/** The state of a session, as its owner is told. */
export interface SessionState {
  status: WorkerSessionStatus;
  /** E.164 with `+`, once linked. */
  phoneNumber: string | null;
  qr?: QrPicture;
  error?: string;
  errorCode?: string;
}

/** What can happen to a session. */
export type SessionFact =
  /** `linked`: there are credentials, so this is no first attempt. */
  | { fact: 'opening'; linked?: boolean }
  | { fact: 'qr-shown'; qr: QrPicture }
  | { fact: 'paired' }
  | { fact: 'opened'; phoneNumber: string | undefined }
  /** Waits before it tries again. */
  | { fact: 'interrupted'; error?: string; errorCode?: string }
  | { fact: 'closed'; error?: string; errorCode?: string }
  | { fact: 'logged-out'; error?: string; errorCode?: string }
  | { fact: 'failed'; error: string; errorCode: string };

export const INITIAL_STATE: SessionState = { status: 'disconnected', phoneNumber: null };

/** The state after a fact. Errors and QR codes last until the next fact. */
export function advance(state: SessionState, fact: SessionFact): SessionState {
  const { phoneNumber } = state;
  switch (fact.fact) {
    case 'opening':
      // A session that was connected, or was reconnecting, is told of a reconnection; others of a first
      // attempt.
      return {
        status:
          fact.linked === true || state.status === 'connected' || state.status === 'reconnecting'
            ? 'reconnecting'
            : 'connecting',
        phoneNumber,
      };
    case 'qr-shown':
      return { status: 'qr_required', phoneNumber: null, qr: fact.qr };
    case 'paired':
      return { status: 'connecting', phoneNumber };
    case 'opened':
      return { status: 'connected', phoneNumber: fact.phoneNumber ?? phoneNumber };
    case 'interrupted':
      return { status: 'reconnecting', phoneNumber, ...troubleOf(fact) };
    case 'closed':
      return { status: 'disconnected', phoneNumber, ...troubleOf(fact) };
    case 'logged-out':
      return { status: 'logged_out', phoneNumber: null, ...troubleOf(fact) };
    case 'failed':
      return { status: 'error', phoneNumber, ...troubleOf(fact) };
  }
}

function troubleOf({ error, errorCode }: { error?: string | undefined; errorCode?: string | undefined }) {
  return { ...(error === undefined ? {} : { error }), ...(errorCode === undefined ? {} : { errorCode }) };
}

/** Tells whether there is something new: every QR is, an unchanged status is not. */
export function differs(before: SessionState, after: SessionState): boolean {
  return (
    before.status !== after.status ||
    before.phoneNumber !== after.phoneNumber ||
    before.errorCode !== after.errorCode ||
    before.qr?.text !== after.qr?.text
  );
}

/** The state as the worker API shows it. An expired QR is not shown. */
export function viewOf(
  sessionId: string,
  { status, phoneNumber, qr, error, errorCode }: SessionState,
  lastActivity: Date | undefined,
): WorkerSession {
  const live = qr !== undefined && qr.expiresAt.getTime() > Date.now() ? qr : undefined;
  return {
    sessionId,
    status,
    phoneNumber,
    lastActivity: lastActivity?.toISOString() ?? null,
    ...(live && { qrCode: live.code, qrString: live.text, qrExpiresAt: live.expiresAt.toISOString() }),
    ...troubleOf({ error, errorCode }),
  };
}
