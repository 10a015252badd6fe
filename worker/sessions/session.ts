import { AppError } from '../../shared/errors/app-error.ts';
import type { SendAnswer } from '../../shared/messages/schema.ts';
import type { PairingCode } from '../../shared/sessions/schema.ts';
import type { WorkerSettings } from '../../shared/sessions/settings.ts';
import type { Ownership, WorkerSession } from '../../shared/worker-api/schema.ts';
import { describeFault } from '../whatsapp/describe-fault.ts';
import type { Outgoing } from '../whatsapp/message-action.ts';
import { Conversations } from './conversations.ts';
import { type EndLinkDeps, logOut, unlinkInPassing } from './end-link.ts';
import type { HistoryDesk } from './history-desk.ts';
import type { Seen } from './ownership.ts';
import { FIRST_QR_MS, refuseLinked, showPairingCode } from './pairing-code.ts';
import type { SessionDeps } from './registry-deps.ts';
import { abandonDesks, closeDesks } from './session-desks.ts';
import { createSessionParts, type SessionParts } from './session-parts.ts';

/**
 * One session, from when this worker takes it until it lets go: an actor whose commands run one after another, over
 * one connection and one journal.
 */
export class Session {
  readonly id: string;
  readonly #timing: SessionDeps['settings'];
  readonly #lease: SessionDeps['lease'];
  readonly #parts: SessionParts;
  readonly #commands: SessionParts['commands'];
  readonly #desks: SessionParts['desks'];
  readonly #board: SessionParts['board'];
  readonly #slot: SessionParts['slot'];
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
    this.#desks = parts.desks;
    this.#board = parts.board;
    this.#slot = parts.slot;
  }

  get seen(): Seen {
    return this.#commands.seen;
  }

  get wanted(): 'connected' | 'disconnected' {
    return this.#wanted;
  }

  view(): WorkerSession {
    return this.#board.view();
  }

  /** Credentials written under a lower epoch are void from here on. */
  raiseAuthFloor(epoch: number | undefined): void {
    this.#desks.journal.raiseAuthFloor(epoch);
  }

  async connect(ownership: Ownership): Promise<WorkerSession> {
    await this.#commands.run(ownership, () => this.#beginConnecting());
    return this.settle(this.#timing.connectAnswerMs);
  }

  /**
   * A code to type on the phone. Each call begins a new attempt where the last one has shown a code already.
   * @throws AppError CONFLICT where an account is linked, and as WhatsApp refuses the number
   */
  async pairingCode(ownership: Ownership, digits: string): Promise<PairingCode> {
    await this.#commands.run(ownership, async () => {
      refuseLinked((await this.#desks.journal.open(this.seen.epoch)).linked);
      if (!this.#slot.canPair) await this.#slot.end();
      await this.#beginConnecting();
    });
    return showPairingCode(this.#slot, await this.settle(FIRST_QR_MS), digits);
  }

  /** Resolves when the session stands somewhere, or after `timeoutMs`. */
  settle(timeoutMs: number): Promise<WorkerSession> {
    return this.#board.settle(timeoutMs);
  }

  async restart(ownership: Ownership): Promise<WorkerSession> {
    await this.#commands.run(ownership, async () => {
      await this.#slot.end();
      await this.#beginConnecting();
    });
    return this.settle(this.#timing.connectAnswerMs);
  }

  /** Connects anew where it is connected, or failed to be; nothing happens where that is not wished. */
  reconnect(): Promise<void> {
    return this.#commands.runOwn(async () => {
      const isUp = this.#slot.live || this.#board.status === 'error';
      if (this.#board.ended || this.#wanted !== 'connected' || !isUp) return;
      await this.#slot.end();
      await this.#beginConnecting();
    });
  }

  disconnect(ownership: Ownership): Promise<WorkerSession> {
    return this.#commands.run(ownership, async () => {
      this.#wanted = 'disconnected';
      await this.#slot.end();
      this.#board.apply({ fact: 'closed' });
      // Nobody may take over a session that is not wanted connected, for long.
      if (this.#desks.journal.auth?.fault === undefined) await this.#desks.history.flush();
      return this.view();
    });
  }

  /** After it the session is to be forgotten. */
  logout(ownership: Ownership): Promise<WorkerSession> {
    return this.#commands.run(ownership, async () => {
      this.#wanted = 'disconnected';
      const auth = await this.#desks.journal.open(this.seen.epoch);
      const view = await logOut(auth, this.#linkDeps);
      await this.#finish();
      return view;
    });
  }

  /** Ends it without keeping anything; its objects are purged by the caller. */
  remove(ownership: Ownership): Promise<void> {
    return this.#commands.run(ownership, async () => {
      this.#board.hush();
      await unlinkInPassing(this.#linkDeps);
      this.fence();
      // What is under way would come back after the purge.
      await Promise.all([this.#desks.history.stop(), this.#desks.incoming.stop()]);
    });
  }

  /** Flushes and closes: the next owner goes on from here. */
  release(ownership: Ownership): Promise<void> {
    return this.#commands.run(ownership, async () => {
      this.#board.hush();
      await this.#slot.end();
      await this.#finish();
    });
  }

  /** Another owner may be active: nothing leaves and nothing is written from here on. */
  fence(): void {
    this.#board.end();
    this.#slot.destroy();
    abandonDesks(this.#desks);
  }

  /** Takes newer settings; a session that is connected through another proxy connects anew. */
  configure(epoch: number, settings: WorkerSettings | undefined): void {
    const { settings: held, pacer } = this.#parts;
    const { proxy } = held.current;
    if (!held.take(epoch, settings)) return;
    const { current } = held;
    pacer.set(current.pacing);
    this.#desks.history.enabled = current.history;
    if (current.proxy === proxy || !this.#slot.taken) return;
    this.reconnect().catch((fault) => this.#warn('not connected through the new proxy', fault));
  }

  /** People, groups and chats, for the owner that asks. */
  async conversations(epoch: number | undefined): Promise<Conversations> {
    await this.#answerTo(epoch);
    return new Conversations(() => this.#slot.outlet());
  }

  async send(message: Outgoing): Promise<SendAnswer> {
    await this.#answerTo(message.epoch);
    // Where there is no way out, no turn is taken.
    this.#slot.outlet();
    this.#parts.pacer.take(message.messageId);
    this.#board.touch();
    return this.#desks.sender.send(message);
  }

  /** What it has sent and received, also what is not written to storage yet. */
  get history(): Pick<HistoryDesk, 'read' | 'find'> {
    return this.#desks.history;
  }

  /** @throws AppError STALE_OWNER */
  async #answerTo(epoch: number | undefined): Promise<void> {
    if (await this.#commands.heed(epoch)) await this.settle(this.#timing.connectAnswerMs);
  }

  /** The journal is opened anew under it. */
  async #enterEpoch(epoch: number): Promise<void> {
    const { reports, queue, journal, history } = this.#desks;
    reports.enter(epoch);
    history.enter(epoch);
    queue.rewrite((report) => reports.adopt(report));
    if (journal.auth === undefined) return;
    const wasConnecting = this.#slot.live;
    await this.#slot.end();
    await journal.close();
    if (wasConnecting && !this.#commands.superseded) await this.#beginConnecting();
  }

  async #beginConnecting(): Promise<void> {
    if (this.#slot.live) {
      this.#wanted = 'connected';
      this.#slot.hurry();
      return;
    }
    const auth = await this.#desks.journal.open(this.seen.epoch);
    // Reading may have taken long.
    if (this.#commands.superseded || this.#board.ended || !this.#lease.isHeld())
      throw new AppError('STALE_OWNER', 'What is wished of the session has changed while it was being read.');
    this.#wanted = 'connected';
    this.#slot.open(auth);
  }

  #onLoggedOut(isCurrent: () => boolean): void {
    this.#board.apply({ fact: 'logged-out' });
    this.#desks.sender.giveUp();
    const erase = async () => {
      await this.#desks.history.flush();
      // A connection that was opened since belongs to a new link.
      if (isCurrent()) await this.#desks.journal.auth?.eraseCredentials();
    };
    this.#commands.runOwn(erase).catch((fault) => this.#warn('credentials were not erased', fault));
  }

  get #linkDeps(): EndLinkDeps {
    return { ...this.#parts, logoutTimeoutMs: this.#timing.logoutTimeoutMs };
  }

  async #finish(): Promise<void> {
    await closeDesks(this.#desks);
    this.#board.end();
  }

  #warn(sentence: string, fault: unknown): void {
    this.#parts.log.warn({ reason: describeFault(fault) }, sentence);
  }
}
