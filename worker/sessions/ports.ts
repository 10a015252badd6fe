import type { HistoryPage, HistoryQuery } from '../../shared/messages/history/history-query.ts';
import type { FoundMessage } from '../../shared/messages/history/history-record.ts';
import type { SendAnswer } from '../../shared/messages/schema.ts';
import type { PairingCode } from '../../shared/sessions/schema.ts';
import type { WorkerSettings } from '../../shared/sessions/settings.ts';
import type { CreateWorkerSession, Ownership, WorkerSession } from '../../shared/workers/api/schema.ts';
import type { ReportedSession } from '../../shared/workers/heartbeat.ts';
import type { Assignment } from '../../shared/workers/schema.ts';
import type { Outgoing } from '../whatsapp/sending/build-action.ts';
import type { Conversations } from './conversations.ts';

/** Whether this worker still holds its lease; asked immediately before each frame. */
export interface LeaseView {
  isHeld(): boolean;
  /** The registration's generation; undefined where nobody else can have a session. */
  readonly generation?: number | undefined;
}

export interface RecoveryResult {
  sessionId: string;
  status: 'recovered' | 'failed' | 'skipped';
  error?: string;
}

/** The sessions of this worker, as its HTTP edge and its control-plane edge use them. */
export interface SessionRegistry {
  readonly maxSessions: number;
  /** @throws AppError SESSION_EXISTS, WORKER_FULL, STALE_OWNER, SHUTTING_DOWN */
  create(input: CreateWorkerSession): Promise<WorkerSession>;
  /** Creates the session where it is new, then connects it. */
  start(input: CreateWorkerSession): Promise<WorkerSession>;
  /**
   * Settings take effect at once; those older than the current ones are ignored.
   * @throws AppError NOT_FOUND
   */
  configure(sessionId: string, epoch: number | undefined, settings: WorkerSettings): Promise<WorkerSession>;
  /**
   * A code to type on the phone instead of a QR; `digits` of its number.
   * @throws AppError CONFLICT
   */
  pairingCode(sessionId: string, ownership: Ownership, digits: string): Promise<PairingCode>;
  /** Answers with the first QR or `connected`, else `connecting` after a few seconds. */
  connect(sessionId: string, ownership: Ownership): Promise<WorkerSession>;
  /** @throws AppError NOT_FOUND */
  status(sessionId: string): Promise<WorkerSession>;
  disconnect(sessionId: string, ownership: Ownership): Promise<WorkerSession>;
  /**
   * Flushes, closes and forgets a session, even one that is not here: once it resolves, no order up to this
   * one opens it any more.
   * @throws AppError STALE_OWNER
   */
  release(
    sessionId: string,
    ownership: Ownership,
  ): Promise<{ sessionId: string; phoneNumber: string | null }>;
  /**
   * Notes that an order was refused: no order up to it opens the session. Returns whether the session is not
   * here.
   */
  decline(sessionId: string, ownership: Ownership): boolean;
  logout(sessionId: string, ownership: Ownership): Promise<WorkerSession>;
  restart(sessionId: string, ownership: Ownership): Promise<WorkerSession>;
  remove(sessionId: string, ownership: Ownership): Promise<void>;
  /** `pending` where WhatsApp has not acknowledged in time. */
  send(sessionId: string, message: Outgoing): Promise<SendAnswer>;
  /** @throws AppError NOT_FOUND, STALE_OWNER */
  conversations(sessionId: string, epoch?: number): Promise<Pick<Conversations, keyof Conversations>>;
  /** @throws AppError NOT_FOUND, STORAGE_UNAVAILABLE */
  messages(sessionId: string, query: HistoryQuery, firstEpoch?: number): Promise<HistoryPage>;
  /** @throws AppError NOT_FOUND, also where there is no such message; STORAGE_UNAVAILABLE */
  message(sessionId: string, messageId: string, firstEpoch?: number): Promise<FoundMessage>;
  /** For the heartbeat. */
  list(): ReportedSession[];
  /** Carries out assignments, a few at a time; entries older than what is known are ignored. */
  converge(assignments: readonly Assignment[]): Promise<RecoveryResult[]>;
  /**
   * Asks for the version of WhatsApp Web again; where it has changed, or the last one was refused, sessions
   * reconnect with it, a few at a time. Does nothing where the version is set. Never throws.
   */
  refreshVersion(): Promise<void>;
  /** The lease has ended: closes every socket, drops what is queued, keeps nothing running. */
  fence(): Promise<void>;
  /** Flushes and closes every session, telling `onReleased` after each. */
  shutdown(onReleased: (session: { sessionId: string; epoch: number }) => Promise<void>): Promise<void>;
}
