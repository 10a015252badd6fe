import { AppError } from '../../../shared/errors/app-error.ts';
import type { HistoryQuery } from '../../../shared/messages/history/history-query.ts';
import type { FoundMessage } from '../../../shared/messages/history/history-record.ts';
import type { WorkerSession } from '../../../shared/workers/api/schema.ts';
import type { ReportedSession } from '../../../shared/workers/heartbeat.ts';
import type { Assignment } from '../../../shared/workers/schema.ts';
import type { RecoveryResult, SessionRegistry } from '../../../worker/sessions/ports.ts';
import { fakeConversations } from './fake-conversations.ts';

/** A registry without WhatsApp: remembers what it was asked, and holds sessions by name only. */
export class FakeRegistry implements SessionRegistry {
  readonly maxSessions = 10;
  readonly calls: { verb: string; args: unknown[] }[] = [];
  readonly sessions = new Map<string, WorkerSession>();
  fail: unknown;
  converged: (assignments: readonly Assignment[]) => RecoveryResult[] = (assignments) =>
    assignments.map(({ sessionId }) => ({ sessionId, status: 'recovered' }));
  /** Called after each call, so that a test can wait for one. */
  onCall: (verb: string) => void = () => {};

  #record(verb: string, ...args: unknown[]): void {
    this.calls.push({ verb, args });
    this.onCall(verb);
    if (this.fail !== undefined) throw this.fail;
  }

  #known(sessionId: string): WorkerSession {
    const session = this.sessions.get(sessionId);
    if (session === undefined) throw new AppError('NOT_FOUND', 'There is no such session here.');
    return session;
  }

  async create(input: { sessionId: string }): Promise<WorkerSession> {
    this.#record('create', input);
    const session: WorkerSession = {
      sessionId: input.sessionId,
      status: 'disconnected',
      phoneNumber: null,
      lastActivity: null,
    };
    this.sessions.set(input.sessionId, session);
    return session;
  }

  async start(input: { sessionId: string }): Promise<WorkerSession> {
    return this.create(input);
  }

  async connect(sessionId: string, ownership: unknown): Promise<WorkerSession> {
    this.#record('connect', sessionId, ownership);
    return { ...this.#known(sessionId), status: 'connecting' };
  }

  async configure(sessionId: string, epoch: number | undefined, settings: unknown): Promise<WorkerSession> {
    this.#record('configure', sessionId, epoch, settings);
    return this.#known(sessionId);
  }

  async pairingCode(sessionId: string, ownership: unknown, digits: string) {
    this.#record('pairingCode', sessionId, ownership, digits);
    this.#known(sessionId);
    return { code: 'ABCD2345', expiresAt: '2026-01-01T00:02:40.000Z', phoneNumber: `+${digits}` };
  }

  async status(sessionId: string): Promise<WorkerSession> {
    return this.#known(sessionId);
  }

  async disconnect(sessionId: string, ownership: unknown): Promise<WorkerSession> {
    this.#record('disconnect', sessionId, ownership);
    return this.#known(sessionId);
  }

  async release(sessionId: string, ownership: unknown) {
    this.#record('release', sessionId, ownership);
    this.sessions.delete(sessionId);
    return { sessionId, phoneNumber: null };
  }

  decline(sessionId: string, ownership: unknown): boolean {
    this.#record('decline', sessionId, ownership);
    return !this.sessions.has(sessionId);
  }

  async logout(sessionId: string, ownership: unknown): Promise<WorkerSession> {
    this.#record('logout', sessionId, ownership);
    return this.#known(sessionId);
  }

  async restart(sessionId: string, ownership: unknown): Promise<WorkerSession> {
    this.#record('restart', sessionId, ownership);
    return this.#known(sessionId);
  }

  async remove(sessionId: string, ownership: unknown): Promise<void> {
    this.#record('remove', sessionId, ownership);
    this.sessions.delete(sessionId);
  }

  async send(sessionId: string, message: { messageId?: string }) {
    this.#record('send', sessionId, message);
    return {
      messageId: message.messageId ?? '3EB0FAKE00000000',
      status: 'sent' as const,
      sessionId: this.#known(sessionId).sessionId,
      timestamp: '2026-01-01T00:00:00.000Z',
    };
  }

  async messages(sessionId: string, { limit, offset }: HistoryQuery, firstEpoch?: number) {
    this.#record('messages', sessionId, limit, offset, firstEpoch);
    this.#known(sessionId);
    return { messages: [], total: 0, hasMore: false, pagination: { total: 0, limit, offset } };
  }

  async message(sessionId: string, messageId: string): Promise<FoundMessage> {
    this.#record('message', sessionId, messageId);
    throw new AppError('NOT_FOUND', 'There is no message with this id.');
  }

  async conversations(sessionId: string) {
    this.#known(sessionId);
    return fakeConversations((verb, ...args) => this.#record(verb, sessionId, ...args));
  }

  list(): ReportedSession[] {
    return [...this.sessions.keys()].map((sessionId) => ({ sessionId, status: 'CONNECTED', epoch: 1 }));
  }

  async converge(assignments: readonly Assignment[]): Promise<RecoveryResult[]> {
    this.#record('converge', assignments);
    return this.converged(assignments);
  }

  async refreshVersion(): Promise<void> {
    this.#record('refreshVersion');
  }

  async fence(): Promise<void> {
    this.#record('fence');
    this.sessions.clear();
  }

  async shutdown(
    onReleased: (released: {
      sessionId: string;
      epoch: number;
      phoneNumber: string | null;
    }) => Promise<void>,
  ): Promise<void> {
    this.#record('shutdown');
    for (const sessionId of this.sessions.keys()) await onReleased({ sessionId, epoch: 1, phoneNumber: null });
  }
}
