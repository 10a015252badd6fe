import { setTimeout as sleep } from 'node:timers/promises';
import PQueue from 'p-queue';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { HistoryPage, HistoryQuery } from '../../../shared/messages/history/history-query.ts';
import type { FoundMessage } from '../../../shared/messages/history/history-record.ts';
import type { SendAnswer } from '../../../shared/messages/schema.ts';
import { type PairingCode, SESSION_STATUSES } from '../../../shared/sessions/schema.ts';
import type { WorkerSettings } from '../../../shared/sessions/settings.ts';
import type { CreateWorkerSession, Ownership, WorkerSession } from '../../../shared/workers/api/schema.ts';
import type { ReportedSession } from '../../../shared/workers/heartbeat.ts';
import type { Assignment } from '../../../shared/workers/schema.ts';
import type { Outgoing } from '../../whatsapp/sending/build-action.ts';
import { VersionSource } from '../../whatsapp/socket/wa-version.ts';
import { keepProcessAlive } from '../../whatsapp/workarounds/keep-process-alive.ts';
import { silenceSignalLibrary } from '../../whatsapp/workarounds/silence-signal-library.ts';
import { createMediaBudget, memoryBytes } from '../byte-budget.ts';
import { refreshVersion } from '../connection/refresh-version.ts';
import type { Conversations } from '../conversations.ts';
import type { RecoveryResult, SessionRegistry } from '../ports.ts';
import type { Session } from '../session.ts';
import { completeSettings, type RegistrySettings } from '../settings.ts';
import { converge } from './converge.ts';
import { HeldSessions } from './held-sessions.ts';
import { FIRST_EPOCH, refuseOlder, see, standingOf } from './ownership.ts';
import { purgeObjects } from './purge-objects.ts';
import type { Claim, RegistryDeps, Released } from './registry-deps.ts';

/** The sessions of one worker process. */
export function createRegistry(deps: RegistryDeps): SessionRegistry {
  return new Registry(deps);
}

class Registry implements SessionRegistry {
  readonly #deps: RegistryDeps;
  readonly #settings: RegistrySettings;
  readonly #versions: VersionSource;
  readonly #sessions: HeldSessions;
  readonly #telling = new Set<string>();
  #closing = false;
  #refreshing: Promise<void> | undefined;

  constructor(deps: RegistryDeps) {
    this.#deps = deps;
    this.#settings = completeSettings(deps.settings);
    this.#versions =
      deps.versions ?? new VersionSource({ setting: this.#settings.whatsapp.version, log: deps.log });
    this.#sessions = new HeldSessions({
      ...deps,
      settings: this.#settings,
      versions: this.#versions,
      askOwner: (sessionId) => this.#askOwner(sessionId),
      budget: deps.budget ?? createMediaBudget(memoryBytes()),
    });
    keepProcessAlive(deps.log);
    silenceSignalLibrary();
  }

  get maxSessions(): number {
    return this.#sessions.maxSessions;
  }

  async create(input: CreateWorkerSession): Promise<WorkerSession> {
    this.#admit(input.sessionId, input);
    this.#refuseWhenClosing();
    const held = this.#sessions.find(input.sessionId);
    if (held !== undefined) refuseOlder(input, held.seen);
    if (held !== undefined && standingOf(input, held.seen) !== 'newer-epoch')
      throw new AppError('SESSION_EXISTS', 'This worker already holds a session with this id.');
    if (held !== undefined) await held.disconnect(input);
    const session = this.#sessions.open(input.sessionId, input);
    session.configure(session.seen.epoch, input.settings);
    return session.view();
  }

  async start(input: CreateWorkerSession): Promise<WorkerSession> {
    this.#admit(input.sessionId, input);
    this.#refuseWhenClosing();
    try {
      return await this.#start(input);
    } catch (fault) {
      await this.#undo(input);
      throw fault;
    }
  }

  async #start(input: CreateWorkerSession): Promise<WorkerSession> {
    const session = this.#sessions.open(input.sessionId, input);
    session.raiseAuthFloor(input.authFloor);
    session.configure(input.epoch ?? session.seen.epoch, input.settings);
    return session.connect(input);
  }

  /**
   * Whoever is refused a session gives it to another worker: it must not be opened here later by the same order. Not
   * so where a newer one was taken meanwhile, and for callers whose orders have no place among others.
   */
  async #undo({ sessionId, generation, epoch, rev }: CreateWorkerSession): Promise<void> {
    if (generation === undefined) return;
    const order = { epoch, rev };
    const session = this.#sessions.find(sessionId);
    try {
      if (session === undefined) this.#sessions.heed(sessionId, order);
      else await this.#release(session, order);
    } catch (fault) {
      const isOlder = fault instanceof AppError && fault.code === 'STALE_OWNER';
      if (isOlder || session === undefined) return;
      this.#sessions.forget(session);
      session.fence();
    }
  }

  async connect(sessionId: string, ownership: Ownership): Promise<WorkerSession> {
    this.#admit(sessionId, ownership);
    this.#refuseWhenClosing();
    return this.#find(sessionId, ownership).connect(ownership);
  }

  async configure(sessionId: string, epoch: number | undefined, settings: WorkerSettings) {
    const session = this.#sessions.get(sessionId);
    const owner = epoch === undefined ? {} : { epoch };
    refuseOlder(owner, session.seen);
    session.configure(epoch ?? session.seen.epoch, settings);
    return session.view();
  }

  async pairingCode(sessionId: string, ownership: Ownership, digits: string): Promise<PairingCode> {
    this.#admit(sessionId, ownership);
    this.#refuseWhenClosing();
    return this.#find(sessionId, ownership).pairingCode(ownership, digits);
  }

  async status(sessionId: string): Promise<WorkerSession> {
    return this.#sessions.get(sessionId).view();
  }

  async disconnect(sessionId: string, ownership: Ownership): Promise<WorkerSession> {
    this.#admit(sessionId, ownership);
    return this.#find(sessionId, ownership).disconnect(ownership);
  }

  async release(sessionId: string, ownership: Ownership) {
    this.#admit(sessionId, ownership);
    const session = this.#sessions.find(sessionId);
    if (session === undefined) {
      this.#sessions.heed(sessionId, ownership);
      return { sessionId, phoneNumber: null };
    }
    try {
      await this.#release(session, ownership);
    } catch (fault) {
      // It was let go while this waited for its turn.
      const isGone = fault instanceof AppError && fault.code === 'NOT_FOUND';
      if (!isGone || this.#sessions.find(sessionId) !== undefined) throw fault;
    }
    return { sessionId, phoneNumber: session.view().phoneNumber };
  }

  decline(sessionId: string, ownership: Ownership): boolean {
    if (this.#sessions.find(sessionId) !== undefined) return false;
    this.#sessions.heed(sessionId, ownership);
    return true;
  }

  async logout(sessionId: string, ownership: Ownership): Promise<WorkerSession> {
    this.#admit(sessionId, ownership);
    // With an owner's epoch a logout is meant for this worker, whether it holds the session yet or not.
    const session =
      ownership.epoch === undefined
        ? this.#sessions.get(sessionId)
        : this.#sessions.open(sessionId, ownership, 'passing');
    const view = await session.logout(ownership);
    this.#sessions.forget(session);
    return view;
  }

  async restart(sessionId: string, ownership: Ownership): Promise<WorkerSession> {
    this.#admit(sessionId, ownership);
    this.#refuseWhenClosing();
    return this.#find(sessionId, ownership).restart(ownership);
  }

  async remove(sessionId: string, ownership: Ownership): Promise<void> {
    this.#admit(sessionId, ownership);
    const session = this.#sessions.find(sessionId);
    const before = session?.seen ?? this.#sessions.gone(sessionId);
    const last = before ?? { epoch: FIRST_EPOCH, rev: 0 };
    refuseOlder(ownership, last);
    await session?.remove(ownership);
    if (session !== undefined) this.#sessions.forget(session);
    else this.#sessions.noteGone(sessionId, see(ownership, last));
    try {
      await purgeObjects(this.#deps.store, sessionId, see(ownership, last).epoch);
    } catch (fault) {
      // The next heartbeat repeats the wish, which counts as new until it has come true.
      this.#sessions.noteGone(sessionId, before);
      throw fault;
    }
  }

  async send(sessionId: string, message: Outgoing): Promise<SendAnswer> {
    return this.#sessions.get(sessionId).send(message);
  }

  async conversations(sessionId: string, epoch?: number): Promise<Conversations> {
    return this.#sessions.get(sessionId).conversations(epoch);
  }

  async messages(sessionId: string, query: HistoryQuery, firstEpoch?: number): Promise<HistoryPage> {
    return await reading(this.#sessions.get(sessionId).history.read(query, firstEpoch));
  }

  async message(sessionId: string, messageId: string, firstEpoch?: number): Promise<FoundMessage> {
    const found = await reading(this.#sessions.get(sessionId).history.find(messageId, firstEpoch));
    if (found === undefined) throw new AppError('NOT_FOUND', 'There is no message with this id.');
    return found;
  }

  list(): ReportedSession[] {
    return this.#sessions.all().map((session) => {
      const { sessionId, status, phoneNumber, lastActivity } = session.view();
      const reported = SESSION_STATUSES.find((word) => word.toLowerCase() === status) ?? 'ERROR';
      const { recentMessages, seen } = session;
      return { sessionId, status: reported, phoneNumber, lastActivity, epoch: seen.epoch, recentMessages };
    });
  }

  async converge(assignments: readonly Assignment[]): Promise<RecoveryResult[]> {
    const { log, wait = sleep, random = Math.random } = this.#deps;
    return converge(assignments, {
      concurrency: this.#settings.concurrency,
      log,
      wait,
      random,
      stopped: ({ generation }) => this.#closing || !this.#isForUs(generation),
      held: (sessionId) => this.#sessions.find(sessionId),
      gone: (sessionId) => this.#sessions.gone(sessionId),
      open: (assignment) => this.#sessions.open(assignment.sessionId, assignment),
      release: (session, assignment) => this.#release(session, assignment),
      logout: async ({ sessionId, epoch, rev }) => {
        await this.logout(sessionId, { epoch, rev });
      },
      remove: ({ sessionId, epoch, rev }) => this.remove(sessionId, { epoch, rev }),
      heed: ({ sessionId, epoch, rev }) => this.#sessions.heed(sessionId, { epoch, rev }),
      tellReleased: ({ sessionId, epoch, rev }, phoneNumber) =>
        void this.#tellReleased({ sessionId, epoch, rev, phoneNumber }),
    });
  }

  async #askOwner(sessionId: string): Promise<Claim> {
    const { askOrder, log } = this.#deps;
    if (askOrder === undefined) return 'ours';
    try {
      const order = await askOrder(sessionId);
      const session = this.#sessions.find(sessionId);
      if (session === undefined) return 'others';
      if (!this.#isForUs(order.generation) || standingOf(order, session.seen) === 'older') return 'unknown';
      if (order.desired === 'connected' && order.epoch === session.seen.epoch) return 'ours';
      void this.converge([order]);
      return 'others';
    } catch (fault) {
      log.warn({ err: fault, sessionId }, 'whose a session is could not be asked');
      return 'unknown';
    }
  }

  /** One at a time for a session; where it fails, the next heartbeat's answer brings the order again. */
  async #tellReleased(released: Released): Promise<void> {
    const { sessionId } = released;
    if (this.#telling.has(sessionId)) return;
    this.#telling.add(sessionId);
    try {
      await this.#deps.tellReleased?.(released);
    } catch (fault) {
      this.#deps.log.warn({ err: fault, sessionId }, 'that a session was let go could not be told');
    } finally {
      this.#telling.delete(sessionId);
    }
  }

  refreshVersion(): Promise<void> {
    // Asked again meanwhile: one look is enough.
    this.#refreshing ??= refreshVersion(this.#sessions.all(), {
      versions: this.#versions,
      concurrency: this.#settings.concurrency,
      stopped: () => this.#closing || !this.#deps.lease.isHeld(),
      log: this.#deps.log,
    }).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async fence(): Promise<void> {
    this.#sessions.fence();
  }

  async shutdown(
    onReleased: (session: { sessionId: string; epoch: number }) => Promise<void>,
  ): Promise<void> {
    this.#closing = true;
    const queue = new PQueue({ concurrency: this.#settings.concurrency });
    for (const session of this.#sessions.all())
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
    this.#sessions.forget(session);
  }

  #isForUs(generation: number | undefined): boolean {
    const { lease } = this.#deps;
    if (!lease.isHeld()) return false;
    return generation === undefined || lease.generation === undefined || lease.generation === generation;
  }

  /**
   * Refuses what was meant for another lease than the one that is held. One that has been granted already, while we do
   * not know of it yet, brings the same orders again: then this one has been refused.
   * @throws AppError STALE_OWNER
   */
  #admit(sessionId: string, order: Ownership): void {
    if (order.generation === undefined || this.#isForUs(order.generation)) return;
    this.decline(sessionId, order);
    throw new AppError('STALE_OWNER', 'This command is meant for another lease than the one that is held.');
  }

  /** @throws AppError NOT_FOUND; then no order up to this one opens the session any more */
  #find(sessionId: string, order: Ownership): Session {
    this.decline(sessionId, order);
    return this.#sessions.get(sessionId);
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
