import type { Logger } from 'pino';
import { AppError } from '../../shared/errors/app-error.ts';
import type { SendAnswer } from '../../shared/messages/schema.ts';
import type { PairingCode } from '../../shared/sessions/schema.ts';
import type { WorkerSettings } from '../../shared/sessions/settings.ts';
import type { Ownership, WorkerSession } from '../../shared/worker-api/schema.ts';
import { JournalError } from '../storage/journal/journal-error.ts';
import type { SessionAuth } from '../whatsapp/auth/session-auth.ts';
import { describeFault } from '../whatsapp/describe-fault.ts';
import type { Outgoing } from '../whatsapp/message-action.ts';
import { createSocketCaches } from '../whatsapp/socket-caches.ts';
import { CommandQueue } from './command-queue.ts';
import { Connection } from './connection.ts';
import { Conversations } from './conversations.ts';
import { HeldSettings } from './held-settings.ts';
import type { HistoryDesk } from './history-desk.ts';
import type { Outlet } from './message-sender.ts';
import { refuseOlder, type Seen, see, standingOf } from './ownership.ts';
import { Pacer } from './pacer.ts';
import type { SessionDeps } from './registry-deps.ts';
import { createSessionDesks, type SessionDesks } from './session-desks.ts';
import {
  advance,
  differs,
  INITIAL_STATE,
  type SessionFact,
  type SessionState,
  viewOf,
} from './session-state.ts';
import { StateWatch } from './state-watch.ts';

const UNLINK_TIMEOUT_MS = 8_000;
const OPEN_SOON_MS = 30_000;
const LAST_REPORTS_MS = 2_000;
const FIRST_QR_MS = 10_000;
/** Where a connect command has its answer. */
const ANSWERED = new Set<SessionState['status']>([
  'qr_required',
  'connected',
  'error',
  'logged_out',
  'disconnected',
]);
const NOT_UNLINKED = {
  error:
    'WhatsApp could not be told of the logout: the phone may list this device until it is removed there.',
  errorCode: 'DEVICE_MAY_REMAIN_LISTED',
};

const NOT_LOGGED_OUT =
  'The session’s storage does not answer, so it could not be logged out yet. That happens as soon as storage is back.';

/** One session: an actor whose commands run one after another, over one connection and one journal. */
export class Session {
  readonly id: string;
  readonly #deps: SessionDeps;
  readonly #log: Logger;
  readonly #commands = new CommandQueue();
  readonly #caches = createSocketCaches();
  readonly #watch = new StateWatch();
  readonly #settings = new HeldSettings();
  readonly #pacer = new Pacer();
  readonly #desks: SessionDesks;
  #seen: Seen;
  #state: SessionState = INITIAL_STATE;
  #wanted: 'connected' | 'disconnected' = 'disconnected';
  #lastActivity: Date | undefined;
  #connection: Connection | undefined;
  /** While logging out, what happens on the way there is nobody's business. */
  #discreet = false;
  #ended = false;

  constructor(id: string, seen: Seen, deps: SessionDeps) {
    this.id = id;
    this.#deps = deps;
    this.#seen = seen;
    this.#log = deps.log.child({ sessionId: id });
    this.#desks = createSessionDesks(deps, {
      sessionId: id,
      epoch: seen.epoch,
      log: this.#log,
      outlet: () => this.#outlet(),
      transport: () => this.#connection?.transport,
    });
  }

  get seen(): Seen {
    return this.#seen;
  }

  get wanted(): 'connected' | 'disconnected' {
    return this.#wanted;
  }

  view(): WorkerSession {
    return viewOf(this.id, this.#state, this.#lastActivity);
  }

  /** Takes newer settings; a session that is connected through another proxy connects anew. */
  configure(epoch: number, settings: WorkerSettings | undefined): void {
    const { proxy } = this.#settings.current;
    if (!this.#settings.take(epoch, settings)) return;
    const { current } = this.#settings;
    this.#pacer.set(current.pacing);
    this.#desks.history.enabled = current.history;
    if (current.proxy === proxy || this.#connection === undefined) return;
    this.reconnect().catch((fault) => this.#warn('not connected through the new proxy', fault));
  }

  /** Connects anew where it is connected, or failed to be; nothing happens where that is not wished. */
  reconnect(): Promise<void> {
    return this.#commands.run(async () => {
      const isUp = this.#connection?.ended === false || this.#state.status === 'error';
      if (this.#ended || this.#wanted !== 'connected' || !isUp) return;
      await this.#endConnection();
      await this.#beginConnecting();
    });
  }

  /** Credentials written under a lower epoch are void from here on. */
  raiseAuthFloor(epoch: number | undefined): void {
    this.#desks.journal.raiseAuthFloor(epoch);
  }

  async connect(ownership: Ownership): Promise<WorkerSession> {
    await this.#command(ownership, () => this.#beginConnecting());
    return this.#answerConnecting(this.#deps.settings.connectAnswerMs);
  }

  /**
   * A code to type on the phone. Each call begins a new attempt where the last one has shown a code already.
   * @throws AppError CONFLICT where an account is linked, and as WhatsApp refuses the number
   */
  async pairingCode(ownership: Ownership, digits: string): Promise<PairingCode> {
    await this.#command(ownership, async () => {
      if ((await this.#openJournal()).linked) throw linkedAlready();
      if (this.#connection?.canPair === false) await this.#endConnection();
      await this.#beginConnecting();
    });
    const { status, error } = await this.#answerConnecting(FIRST_QR_MS);
    if (status === 'connected') throw linkedAlready();
    const connection = this.#connection;
    if (status !== 'qr_required' || connection === undefined)
      throw new AppError('WORKER_ERROR', error ?? 'WhatsApp cannot be reached now. Try again shortly.');
    const { code, expiresAt } = await connection.requestPairingCode(digits);
    return { code, expiresAt: expiresAt.toISOString(), phoneNumber: `+${digits}` };
  }

  /** Resolves when the session stands somewhere, or after `timeoutMs`. */
  settle(timeoutMs: number): Promise<WorkerSession> {
    return this.#answerConnecting(timeoutMs);
  }

  async restart(ownership: Ownership): Promise<WorkerSession> {
    await this.#command(ownership, async () => {
      await this.#endConnection();
      await this.#beginConnecting();
    });
    return this.#answerConnecting(this.#deps.settings.connectAnswerMs);
  }

  disconnect(ownership: Ownership): Promise<WorkerSession> {
    return this.#command(ownership, async () => {
      this.#wanted = 'disconnected';
      await this.#endConnection();
      this.#apply({ fact: 'closed' });
      // Nobody may take over a session that is not wanted connected, for long.
      if (this.#desks.journal.auth?.fault === undefined) await this.#desks.history.flush();
      return this.view();
    });
  }

  /** After it the session is to be forgotten. */
  logout(ownership: Ownership): Promise<WorkerSession> {
    return this.#command(ownership, async () => {
      this.#wanted = 'disconnected';
      const auth = await this.#openJournal();
      const told = await this.#discreetly(() => this.#endLink(auth)).catch((fault) => {
        // Nothing is kept open meanwhile; the wish stands, and is repeated until it comes true.
        if (fault instanceof AppError && fault.code === 'STORAGE_UNAVAILABLE')
          this.#apply({ fact: 'closed', error: fault.message, errorCode: fault.code });
        throw fault;
      });
      this.#apply({ fact: 'logged-out', ...(told ? {} : NOT_UNLINKED) }, true);
      const view = this.view();
      await this.#finish();
      return view;
    });
  }

  /** Ends it without keeping anything; its objects are purged by the caller. */
  remove(ownership: Ownership): Promise<void> {
    return this.#command(ownership, async () => {
      this.#discreet = true;
      // While a connection stands, the phone can be spared a device that leads nowhere.
      const socket = this.#connection?.socket;
      // The barrier would hold the request back while storage is away.
      if (socket !== undefined && this.#desks.journal.auth?.fault === undefined)
        await socket.unlink(UNLINK_TIMEOUT_MS).catch((fault) => this.#warn('not unlinked', fault));
      this.#abandon();
      // What is under way would come back after the purge.
      await Promise.all([this.#desks.history.stop(), this.#desks.incoming.stop()]);
    });
  }

  /** Flushes and closes: the next owner goes on from here. */
  release(ownership: Ownership): Promise<void> {
    return this.#command(ownership, async () => {
      this.#discreet = true;
      await this.#endConnection();
      await this.#finish();
    });
  }

  /** People, groups and chats, for the owner that asks. */
  async conversations(epoch: number | undefined): Promise<Conversations> {
    await this.#answerTo(epoch);
    return new Conversations(() => this.#outlet());
  }

  async send(message: Outgoing): Promise<SendAnswer> {
    await this.#answerTo(message.epoch);
    // Where there is no way out, no turn is taken.
    this.#outlet();
    this.#pacer.take(message.messageId);
    this.#lastActivity = new Date();
    return this.#desks.sender.send(message);
  }

  /** What it has sent and received, also what is not written to storage yet. */
  get history(): Pick<HistoryDesk, 'read' | 'find'> {
    return this.#desks.history;
  }

  /** A newer epoch is entered first. @throws AppError STALE_OWNER for an older one */
  async #answerTo(epoch: number | undefined): Promise<void> {
    const ownership = epoch === undefined ? {} : { epoch };
    refuseOlder(ownership, this.#seen);
    if (standingOf(ownership, this.#seen) !== 'newer-epoch') return;
    await this.#command(ownership, async () => undefined);
    await this.#answerConnecting(this.#deps.settings.connectAnswerMs);
  }

  /** Another owner may be active: nothing leaves and nothing is written from here on. */
  fence(): void {
    this.#abandon();
  }

  /** Takes note of the owner first; a newer epoch re-opens the journal under it. */
  #command<T>(ownership: Ownership, command: () => Promise<T>): Promise<T> {
    refuseOlder(ownership, this.#seen);
    return this.#commands.run(async () => {
      if (this.#ended) throw letGo();
      refuseOlder(ownership, this.#seen);
      const newOwner = standingOf(ownership, this.#seen) === 'newer-epoch';
      this.#seen = see(ownership, this.#seen);
      if (newOwner) await this.#enterEpoch();
      return command();
    });
  }

  async #enterEpoch(): Promise<void> {
    const { reports, queue, journal, history } = this.#desks;
    reports.enter(this.#seen.epoch);
    history.enter(this.#seen.epoch);
    queue.rewrite((report) => reports.adopt(report));
    if (journal.auth === undefined) return;
    const wasConnecting = this.#connection !== undefined && !this.#connection.ended;
    await this.#endConnection();
    await journal.close();
    if (wasConnecting) await this.#beginConnecting();
  }

  async #openJournal(): Promise<SessionAuth> {
    try {
      const auth = await this.#desks.journal.open(this.#seen.epoch);
      this.#pacer.begin(auth.linked);
      return auth;
    } catch (fault) {
      if (fault instanceof AppError && fault.code === 'STORAGE_UNAVAILABLE')
        this.#apply({ fact: 'failed', error: fault.message, errorCode: fault.code });
      if (!(fault instanceof JournalError)) throw fault;
      const error = `What is stored of this session cannot be read: ${fault.message} Nothing was overwritten.`;
      this.#log.error({ errorCode: fault.code, reason: fault.message }, 'the auth journal cannot be read');
      this.#apply({ fact: 'failed', error, errorCode: fault.code });
      throw new AppError('CONFLICT', error, { cause: fault });
    }
  }

  async #beginConnecting(): Promise<void> {
    if (this.#connection !== undefined && !this.#connection.ended) {
      this.#wanted = 'connected';
      this.#connection.hurry();
      return;
    }
    const auth = await this.#openJournal();
    this.#wanted = 'connected';
    this.#openConnection(auth);
  }

  #openConnection(auth: SessionAuth): Connection {
    const { settings, versions, lease, rotateSecret } = this.#deps;
    const current = () => this.#connection === connection && !this.#ended;
    const connection = new Connection(
      {
        auth,
        caches: this.#caches,
        settings,
        versions,
        log: this.#log,
        mayLeave: () => !this.#ended && lease.isHeld(),
        sessionSettings: () => this.#settings.current,
        ...(rotateSecret === undefined ? {} : { rotateSecret }),
      },
      {
        onFact: (fact) => current() && this.#apply(fact),
        onLoggedOut: () => current() && this.#onLoggedOut(connection),
        onIncoming: (incoming) => {
          this.#lastActivity = new Date();
          this.#desks.incoming.take(incoming);
        },
        onReceipt: (update) => this.#desks.sender.onReceipt(update),
        onAck: (ack) => this.#desks.sender.onAck(ack),
        onNotice: (notice) => this.#desks.queue.push(this.#desks.reports.notice(notice)),
        onCaughtUp: () => this.#whenOpen(() => this.#desks.sender.resume()),
      },
    );
    this.#connection = connection;
    connection.start();
    return connection;
  }

  /** Catching up may end before or after the login does. */
  #whenOpen(work: () => void): void {
    void this.#watch
      .until(() => this.#ended || this.#connection?.socket !== undefined, OPEN_SOON_MS)
      .then((open) => open && !this.#ended && work());
  }

  #onLoggedOut(connection: Connection): void {
    this.#apply({ fact: 'logged-out' });
    this.#desks.sender.giveUp();
    const erase = async () => {
      await this.#desks.history.flush();
      // A connection that was opened since belongs to a new link.
      if (this.#connection === connection && !this.#ended) await this.#desks.journal.auth?.eraseCredentials();
    };
    this.#commands.run(erase).catch((fault) => this.#warn('credentials were not erased', fault));
  }

  async #discreetly<T>(work: () => Promise<T>): Promise<T> {
    this.#discreet = true;
    try {
      return await work();
    } finally {
      this.#discreet = false;
    }
  }

  /** Answers whether WhatsApp knows. @throws AppError where storage does not let the credentials go */
  async #endLink(auth: SessionAuth): Promise<boolean> {
    const isStuck = auth.fault !== undefined;
    const told = !isStuck && (!auth.linked || (await this.#unlink(auth)));
    await this.#endConnection();
    if (isStuck) throw new AppError('STORAGE_UNAVAILABLE', NOT_LOGGED_OUT);
    this.#desks.sender.giveUp();
    // What is reported need not be kept.
    await this.#desks.queue.drain(LAST_REPORTS_MS);
    await this.#desks.history.flush();
    await auth.eraseCredentials();
    return told;
  }

  /** Whether WhatsApp has confirmed that this device is gone; connects first where it has to. */
  async #unlink(auth: SessionAuth): Promise<boolean> {
    const held = this.#connection;
    const connection = held === undefined || held.ended ? this.#openConnection(auth) : held;
    connection.hurry();
    const { logoutTimeoutMs } = this.#deps.settings;
    const standing = () => this.#ended || connection.ended || connection.socket !== undefined;
    await this.#watch.until(standing, logoutTimeoutMs);
    if (this.#ended) throw letGo();
    try {
      const { socket } = connection;
      await socket?.unlink(UNLINK_TIMEOUT_MS);
      if (socket !== undefined) return true;
    } catch (fault) {
      this.#warn('WhatsApp did not confirm the logout', fault);
    }
    // The account may have removed the device by itself.
    return this.#state.status === 'logged_out';
  }

  async #endConnection(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.stop();
  }

  /** The end in order: what is queued gets a moment, what is not delivered stays in the journal. */
  async #finish(): Promise<void> {
    const { queue, journal, sender, history } = this.#desks;
    sender.stop();
    // Storage that is known to be away gets no time: what is not written stays in the journal.
    const historyMs = journal.auth?.fault === undefined ? LAST_REPORTS_MS : 0;
    await Promise.all([queue.drain(LAST_REPORTS_MS), history.close(historyMs)]);
    this.#ended = true;
    queue.stop();
    await journal.close();
    this.#watch.changed();
  }

  #abandon(): void {
    this.#ended = true;
    this.#desks.sender.abandon();
    this.#desks.queue.stop();
    void this.#desks.history.stop();
    this.#connection?.destroy();
    this.#connection = undefined;
    this.#desks.journal.abandon();
    this.#watch.changed();
  }

  #apply(fact: SessionFact, always = false): void {
    const before = this.#state;
    this.#state = advance(before, fact);
    if (this.#state.status === 'connected') this.#lastActivity = new Date();
    if (!this.#discreet && (always || differs(before, this.#state))) this.#tell();
    if (before.status !== this.#state.status) this.#desks.history.note(this.#state);
    this.#watch.changed();
  }

  #tell(): void {
    const { queue, reports } = this.#desks;
    const report = reports.status(this.#state);
    // A QR lives for seconds and waits for nothing; a newer one replaces it.
    if (this.#state.status === 'qr_required') queue.express(report, 'qr');
    else queue.push(report);
    const { status, errorCode } = this.#state;
    this.#log.info({ status, errorCode, epoch: this.#seen.epoch }, 'session status');
  }

  async #answerConnecting(timeoutMs: number): Promise<WorkerSession> {
    await this.#watch.until(() => this.#ended || ANSWERED.has(this.#state.status), timeoutMs);
    return this.view();
  }

  #outlet(): Outlet {
    const { auth } = this.#desks.journal;
    const socket = this.#connection?.socket;
    if (auth?.fault !== undefined) throw new AppError('STORAGE_UNAVAILABLE', auth.fault.message);
    if (!this.#deps.lease.isHeld())
      throw new AppError('SESSION_MOVING', 'This worker has lost touch with the control plane. Try again.');
    if (auth === undefined || socket === undefined)
      throw new AppError(
        'SESSION_NOT_CONNECTED',
        'The session is not connected to WhatsApp. Connect it first.',
      );
    return { socket, auth };
  }

  #warn(sentence: string, fault: unknown): void {
    this.#log.warn({ reason: describeFault(fault) }, sentence);
  }
}

const linkedAlready = () =>
  new AppError('CONFLICT', 'This session is linked already. Log it out first to link another phone.');
const letGo = () => new AppError('NOT_FOUND', 'This worker does not hold the session any more.');
