import { AppError } from '../../shared/errors/app-error.ts';
import type { SendAnswer } from '../../shared/messages/schema.ts';
import type { PairingCode } from '../../shared/sessions/schema.ts';
import type { WorkerSettings } from '../../shared/sessions/settings.ts';
import type { Ownership, WorkerSession } from '../../shared/workers/api/schema.ts';
import type { Outgoing } from '../whatsapp/sending/build-action.ts';
import { describeFault } from '../whatsapp/socket/describe-fault.ts';
import { type EndLinkDeps, logOut, unlinkInPassing } from './connection/end-link.ts';
import { FIRST_QR_MS, refuseLinked, showPairingCode } from './connection/pairing-code.ts';
import { Conversations } from './conversations.ts';
import type { MessageHistory } from './history/message-history.ts';
import type { Seen } from './registry/ownership.ts';
import type { SessionDeps } from './registry/registry-deps.ts';
import { createSessionParts, type SessionParts } from './session-parts.ts';
import { abandonTraffic, closeTraffic } from './session-traffic.ts';

/**
 * One session, from the time this worker takes it until it lets go: an actor whose commands run one after
 * another, over one connection and one journal.
 */
export class Session {
  readonly id: string;
  readonly #timing: SessionDeps['settings'];
  readonly #lease: SessionDeps['lease'];
  readonly #parts: SessionParts;
  readonly #commands: SessionParts['commands'];
  readonly #traffic: SessionParts['traffic'];
  readonly #currentStatus: SessionParts['currentStatus'];
  readonly #currentConnection: SessionParts['currentConnection'];
  #wanted: 'connected' | 'disconnected' = 'disconnected';

  constructor(id: string, seen: Seen, deps: SessionDeps) {
    this.id = id;
    this.#timing = deps.settings;
    this.#lease = deps.lease;
    const parts = createSessionParts(id, seen, deps, {
      enterEpoch: (epoch) => this.#enterEpoch(epoch),
      onLoggedOut: (isCurrent) => this.#onLoggedOut(isCurrent),
    });
    this.#parts = parts;
    this.#commands = parts.commands;
    this.#traffic = parts.traffic;
    this.#currentStatus = parts.currentStatus;
    this.#currentConnection = parts.currentConnection;
  }

  get seen(): Seen {
    return this.#commands.seen;
  }

  get wanted(): 'connected' | 'disconnected' {
    return this.#wanted;
  }

  get recentMessages(): number {
    return this.#currentStatus.recentMessages;
  }

  view(): WorkerSession {
    return this.#currentStatus.view();
  }

  /** Credentials written under a lower epoch are void from here on. */
  raiseAuthFloor(epoch: number | undefined): void {
    this.#traffic.journal.raiseAuthFloor(epoch);
  }

  async connect(ownership: Ownership): Promise<WorkerSession> {
    await this.#commands.run(ownership, () => this.#beginConnecting());
    return this.settle(this.#timing.connectAnswerMs);
  }

  /**
   * A code to type on the phone. A call begins a new attempt where the last one has already shown a code.
   * @throws AppError CONFLICT where an account is linked, and as WhatsApp refuses the number
   */
  async pairingCode(ownership: Ownership, digits: string): Promise<PairingCode> {
    await this.#commands.run(ownership, async () => {
      refuseLinked((await this.#traffic.journal.open(this.seen.epoch)).linked);
      if (!this.#currentConnection.canPair) await this.#currentConnection.end();
      await this.#beginConnecting();
    });
    return showPairingCode(this.#currentConnection, await this.settle(FIRST_QR_MS), digits);
  }

  /** Resolves when the status answers a connect command, or after `timeoutMs`. */
  settle(timeoutMs: number): Promise<WorkerSession> {
    return this.#currentStatus.settle(timeoutMs);
  }

  async restart(ownership: Ownership): Promise<WorkerSession> {
    await this.#commands.run(ownership, async () => {
      await this.#currentConnection.end();
      await this.#beginConnecting();
    });
    return this.settle(this.#timing.connectAnswerMs);
  }

  /** Reconnects where it is connected or failed to connect; does nothing where no connection is wanted. */
  reconnect(): Promise<void> {
    return this.#commands.runOwn(async () => {
      const isUp = this.#currentConnection.live || this.#currentStatus.status === 'error';
      if (this.#currentStatus.ended || this.#wanted !== 'connected' || !isUp) return;
      await this.#currentConnection.end();
      await this.#beginConnecting();
    });
  }

  disconnect(ownership: Ownership): Promise<WorkerSession> {
    return this.#commands.run(ownership, async () => {
      this.#wanted = 'disconnected';
      await this.#currentConnection.end();
      this.#currentStatus.apply({ fact: 'closed' });
      // A disconnected session may stay without an owner for long.
      if (this.#traffic.journal.auth?.fault === undefined) await this.#traffic.history.flush();
      return this.view();
    });
  }

  /** The session is forgotten after this. */
  logout(ownership: Ownership): Promise<WorkerSession> {
    return this.#commands.run(ownership, async () => {
      this.#wanted = 'disconnected';
      const auth = await this.#traffic.journal.open(this.seen.epoch);
      const view = await logOut(auth, this.#linkDeps);
      await this.#finish();
      return view;
    });
  }

  /** Ends it without keeping anything; the caller purges its objects. */
  remove(ownership: Ownership): Promise<void> {
    return this.#commands.run(ownership, async () => {
      this.#currentStatus.leave();
      await unlinkInPassing(this.#linkDeps);
      this.fence();
      // Writes under way would come back after the purge.
      await Promise.all([this.#traffic.history.stop(), this.#traffic.incoming.stop()]);
    });
  }

  /** Flushes and closes, so that the next owner continues from here. */
  release(ownership: Ownership): Promise<void> {
    return this.#commands.run(ownership, async () => {
      this.#currentStatus.leave();
      // What is on its way is the next owner's, and not failed by the socket's end.
      this.#traffic.sender.stop();
      await this.#currentConnection.end();
      await this.#finish();
    });
  }

  /** Another owner may be active: nothing is sent and nothing is written any more. */
  fence(): void {
    this.#currentStatus.end();
    this.#currentConnection.destroy();
    abandonTraffic(this.#traffic);
  }

  /** Takes newer settings; a session that is connected through another proxy reconnects. */
  configure(epoch: number, settings: WorkerSettings | undefined): void {
    const { settings: held, pacer } = this.#parts;
    const { proxy } = held.current;
    if (!held.take(epoch, settings)) return;
    const { current } = held;
    pacer.set(current.pacing);
    this.#traffic.history.enabled = current.history;
    if (current.proxy === proxy || !this.#currentConnection.taken) return;
    this.reconnect().catch((fault) => this.#warn('not connected through the new proxy', fault));
  }

  /** People, groups and chats, for the owner that asks. */
  async conversations(epoch: number | undefined): Promise<Conversations> {
    await this.#answerTo(epoch);
    return new Conversations(() => this.#currentConnection.sendPath());
  }

  async send(message: Outgoing): Promise<SendAnswer> {
    await this.#answerTo(message.epoch);
    // Where nothing can be sent, no turn is taken.
    this.#currentConnection.sendPath();
    this.#parts.pacer.take(message.messageId);
    this.#currentStatus.touch();
    return this.#traffic.sender.send(message);
  }

  /** What it has sent and received, including what is not written yet. */
  get history(): Pick<MessageHistory, 'read' | 'find'> {
    return this.#traffic.history;
  }

  /** @throws AppError STALE_OWNER */
  async #answerTo(epoch: number | undefined): Promise<void> {
    if (await this.#commands.heed(epoch)) await this.settle(this.#timing.connectAnswerMs);
  }

  /** The journal is opened again under the new epoch. */
  async #enterEpoch(epoch: number): Promise<void> {
    const { reports, queue, journal, history } = this.#traffic;
    reports.enter(epoch);
    history.enter(epoch);
    queue.rewrite((report) => reports.adopt(report));
    if (journal.auth === undefined) return;
    const wasConnecting = this.#currentConnection.live;
    await this.#currentConnection.end();
    await journal.close();
    if (wasConnecting && !this.#commands.superseded) await this.#beginConnecting();
  }

  async #beginConnecting(): Promise<void> {
    if (this.#currentConnection.live) {
      this.#wanted = 'connected';
      this.#currentConnection.hurry();
      return;
    }
    const auth = await this.#traffic.journal.open(this.seen.epoch);
    // Reading may have taken long.
    if (this.#commands.superseded || this.#currentStatus.ended || !this.#lease.isHeld())
      throw new AppError('STALE_OWNER', 'What is wished of the session has changed while it was being read.');
    this.#wanted = 'connected';
    this.#currentConnection.open(auth);
  }

  #onLoggedOut(isCurrent: () => boolean): void {
    this.#currentStatus.apply({ fact: 'logged-out' });
    this.#traffic.sender.giveUp();
    const erase = async () => {
      await this.#traffic.history.flush();
      // A connection that was opened since belongs to a new link.
      if (isCurrent()) await this.#traffic.journal.auth?.eraseCredentials();
    };
    this.#commands.runOwn(erase).catch((fault) => this.#warn('credentials were not erased', fault));
  }

  get #linkDeps(): EndLinkDeps {
    return { ...this.#parts, logoutTimeoutMs: this.#timing.logoutTimeoutMs };
  }

  async #finish(): Promise<void> {
    await closeTraffic(this.#traffic);
    this.#currentStatus.end();
  }

  #warn(sentence: string, fault: unknown): void {
    this.#parts.log.warn({ reason: describeFault(fault) }, sentence);
  }
}
