import { LRUCache } from 'lru-cache';
import PQueue from 'p-queue';
import { AppError } from '../../shared/errors/app-error.ts';
import type { HistoryPage, HistoryQuery } from '../../shared/history/history-query.ts';
import type { FoundMessage } from '../../shared/history/history-record.ts';
import type { SendAnswer } from '../../shared/messages/schema.ts';
import { type PairingCode, SESSION_STATUSES } from '../../shared/sessions/schema.ts';
import type { WorkerSettings } from '../../shared/sessions/settings.ts';
import type { CreateWorkerSession, Ownership, WorkerSession } from '../../shared/worker-api/schema.ts';
import type { ReportedSession } from '../../shared/workers/heartbeat.ts';
import type { Assignment } from '../../shared/workers/schema.ts';
import { keepProcessAlive } from '../whatsapp/keep-process-alive.ts';
import type { Outgoing } from '../whatsapp/message-action.ts';
import { silenceSignalLibrary } from '../whatsapp/silence-signal-library.ts';
import { VersionSource } from '../whatsapp/wa-version.ts';
import { converge } from './converge.ts';
import type { Conversations } from './conversations.ts';
import { FIRST_EPOCH, refuseOlder, type Seen, see, standingOf } from './ownership.ts';
import type { RecoveryResult, SessionRegistry } from './ports.ts';
import { purgeObjects } from './purge-objects.ts';
import { refreshVersion } from './refresh-version.ts';
import type { RegistryDeps, SessionDeps } from './registry-deps.ts';
import { Session } from './session.ts';
import { completeSettings, type RegistrySettings } from './settings.ts';

const MAX_REMEMBERED = 20_000;

/** The sessions of one worker process. */
export function createRegistry(deps: RegistryDeps): SessionRegistry {
  return new Registry(deps);
}

class Registry implements SessionRegistry {
  readonly #deps: RegistryDeps;
  readonly #settings: RegistrySettings;
  readonly #sessionDeps: SessionDeps;
  readonly #sessions = new Map<string, Session>();
  /** What was last seen of sessions that were released, logged out or deleted here. */
  readonly #gone = new LRUCache<string, Seen>({ max: MAX_REMEMBERED });
  #closing = false;
  #refreshing: Promise<void> | undefined;

  constructor(deps: RegistryDeps) {
    this.#deps = deps;
    this.#settings = completeSettings(deps.settings);
    this.#sessionDeps = {
      ...deps,
      settings: this.#settings,
      versions: deps.versions ?? new VersionSource(this.#settings.whatsapp.version),
      onSuperseded: (sessionId) => this.#dropSuperseded(sessionId),
    };
    keepProcessAlive(deps.log);
    silenceSignalLibrary();
  }

  get maxSessions(): number {
    return this.#settings.maxSessions;
  }

  async create(input: CreateWorkerSession): Promise<WorkerSession> {
    this.#refuseWhenClosing();
    const held = this.#sessions.get(input.sessionId);
    if (held !== undefined) refuseOlder(input, held.seen);
    if (held !== undefined && standingOf(input, held.seen) !== 'newer-epoch')
      throw new AppError('SESSION_EXISTS', 'This worker already holds a session with this id.');
    if (held !== undefined) await held.disconnect(input);
    const session = held ?? this.#open(input.sessionId, input);
    session.configure(session.seen.epoch, input.settings);
    return session.view();
  }

  async start(input: CreateWorkerSession): Promise<WorkerSession> {
    this.#refuseWhenClosing();
    const session = this.#sessions.get(input.sessionId) ?? this.#open(input.sessionId, input);
    session.raiseAuthFloor(input.authFloor);
    session.configure(input.epoch ?? session.seen.epoch, input.settings);
    return session.connect(input);
  }

  async connect(sessionId: string, ownership: Ownership): Promise<WorkerSession> {
    this.#refuseWhenClosing();
    return this.#held(sessionId).connect(ownership);
  }

  async configure(sessionId: string, epoch: number | undefined, settings: WorkerSettings) {
    const session = this.#held(sessionId);
    const owner = epoch === undefined ? {} : { epoch };
    refuseOlder(owner, session.seen);
    session.configure(epoch ?? session.seen.epoch, settings);
    return session.view();
  }

  async pairingCode(sessionId: string, ownership: Ownership, digits: string): Promise<PairingCode> {
    this.#refuseWhenClosing();
    return this.#held(sessionId).pairingCode(ownership, digits);
  }

  async status(sessionId: string): Promise<WorkerSession> {
    return this.#held(sessionId).view();
  }

  async disconnect(sessionId: string, ownership: Ownership): Promise<WorkerSession> {
    return this.#held(sessionId).disconnect(ownership);
  }

  async logout(sessionId: string, ownership: Ownership): Promise<WorkerSession> {
    // With an owner's epoch a logout is meant for this worker, whether it holds the session yet or not.
    const session =
      ownership.epoch === undefined
        ? this.#held(sessionId)
        : (this.#sessions.get(sessionId) ?? this.#open(sessionId, ownership, 'passing'));
    const view = await session.logout(ownership);
    this.#forget(session);
    return view;
  }

  async restart(sessionId: string, ownership: Ownership): Promise<WorkerSession> {
    this.#refuseWhenClosing();
    return this.#held(sessionId).restart(ownership);
  }

  async remove(sessionId: string, ownership: Ownership): Promise<void> {
    const session = this.#sessions.get(sessionId);
    const before = session?.seen ?? this.#gone.get(sessionId);
    const last = before ?? { epoch: FIRST_EPOCH, rev: 0 };
    refuseOlder(ownership, last);
    await session?.remove(ownership);
    if (session !== undefined) this.#forget(session);
    else this.#gone.set(sessionId, see(ownership, last));
    try {
      await purgeObjects(this.#deps.store, sessionId, see(ownership, last).epoch);
    } catch (fault) {
      // The next heartbeat repeats the wish, which counts as new until it has come true.
      if (before === undefined) this.#gone.delete(sessionId);
      else this.#gone.set(sessionId, before);
      throw fault;
    }
  }

  async send(sessionId: string, message: Outgoing): Promise<SendAnswer> {
    if (this.#closing) throw shuttingDown();
    return this.#held(sessionId).send(message);
  }

  async conversations(sessionId: string, epoch?: number): Promise<Conversations> {
    this.#refuseWhenClosing();
    return this.#held(sessionId).conversations(epoch);
  }

  async messages(sessionId: string, query: HistoryQuery, firstEpoch?: number): Promise<HistoryPage> {
    return await reading(this.#held(sessionId).history.read(query, firstEpoch));
  }

  async message(sessionId: string, messageId: string, firstEpoch?: number): Promise<FoundMessage> {
    const found = await reading(this.#held(sessionId).history.find(messageId, firstEpoch));
    if (found === undefined) throw new AppError('NOT_FOUND', 'There is no message with this id.');
    return found;
  }

  list(): ReportedSession[] {
    return [...this.#sessions.values()].map((session) => {
      const { sessionId, status, phoneNumber, lastActivity } = session.view();
      const reported = SESSION_STATUSES.find((word) => word.toLowerCase() === status) ?? 'ERROR';
      return { sessionId, status: reported, phoneNumber, lastActivity, epoch: session.seen.epoch };
    });
  }

  async converge(assignments: readonly Assignment[]): Promise<RecoveryResult[]> {
    return converge(assignments, {
      concurrency: this.#settings.concurrency,
      log: this.#deps.log,
      stopped: () => this.#closing || !this.#deps.lease.isHeld(),
      held: (sessionId) => this.#sessions.get(sessionId),
      gone: (sessionId) => this.#gone.get(sessionId),
      open: (assignment) =>
        this.#sessions.get(assignment.sessionId) ?? this.#open(assignment.sessionId, assignment),
      release: (session, assignment) => this.#release(session, assignment),
      logout: async ({ sessionId, epoch, rev }) => {
        await this.logout(sessionId, { epoch, rev });
      },
      remove: ({ sessionId, epoch, rev }) => this.remove(sessionId, { epoch, rev }),
    });
  }

  refreshVersion(): Promise<void> {
    // Asked again meanwhile: one look is enough.
    this.#refreshing ??= refreshVersion([...this.#sessions.values()], {
      versions: this.#sessionDeps.versions,
      concurrency: this.#settings.concurrency,
      stopped: () => this.#closing || !this.#deps.lease.isHeld(),
      log: this.#deps.log,
    }).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async fence(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) session.fence();
  }

  async shutdown(
    onReleased: (session: { sessionId: string; epoch: number }) => Promise<void>,
  ): Promise<void> {
    this.#closing = true;
    const queue = new PQueue({ concurrency: this.#settings.concurrency });
    for (const session of [...this.#sessions.values()])
      void queue.add(async () => {
        const { epoch } = session.seen;
        try {
          await this.#release(session, {});
          await onReleased({ sessionId: session.id, epoch });
        } catch (fault) {
          this.#deps.log.error({ err: fault, sessionId: session.id }, 'a session was not released in order');
        }
      });
    await queue.onIdle();
  }

  async #release(session: Session, ownership: Ownership): Promise<void> {
    await session.release(ownership);
    this.#forget(session);
  }

  #open(
    sessionId: string,
    ownership: Ownership & { authFloor?: number | undefined },
    stay: 'staying' | 'passing' = 'staying',
  ): Session {
    const gone = this.#gone.get(sessionId);
    if (gone !== undefined) refuseOlder(ownership, gone);
    // One that comes to be logged out takes no place.
    if (stay === 'staying' && this.#sessions.size >= this.#settings.maxSessions)
      throw new AppError('WORKER_FULL', `This worker already holds ${this.#settings.maxSessions} sessions.`);
    const seen = see(ownership, gone ?? { epoch: FIRST_EPOCH, rev: 0 });
    const session = new Session(sessionId, seen, this.#sessionDeps);
    session.raiseAuthFloor(ownership.authFloor);
    this.#sessions.set(sessionId, session);
    return session;
  }

  #forget(session: Session): void {
    this.#gone.set(session.id, session.seen);
    if (this.#sessions.get(session.id) === session) this.#sessions.delete(session.id);
  }

  #dropSuperseded(sessionId: string): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    this.#deps.log.warn(
      { sessionId, epoch: session.seen.epoch },
      'another worker owns this session: it is dropped here',
    );
    this.#sessions.delete(sessionId);
    session.fence();
  }

  #held(sessionId: string): Session {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) throw new AppError('NOT_FOUND', 'This worker holds no session with this id.');
    return session;
  }

  #refuseWhenClosing(): void {
    if (this.#closing) throw shuttingDown();
  }
}

/** @throws AppError STORAGE_UNAVAILABLE */
function reading<T>(work: Promise<T>): Promise<T> {
  return work.catch((cause: unknown) => {
    const sentence = 'The session’s messages cannot be read at the moment. Try again in a while.';
    throw new AppError('STORAGE_UNAVAILABLE', sentence, { cause });
  });
}

const shuttingDown = () => new AppError('SHUTTING_DOWN', 'This worker is shutting down; use another.');
