import type { Logger } from 'pino';
import { AppError } from '../../shared/errors/app-error.ts';
import type { SessionAuth } from '../whatsapp/auth/session-auth.ts';
import { createSocketCaches } from '../whatsapp/socket-caches.ts';
import type { WhatsAppSocket } from '../whatsapp/whatsapp-socket.ts';
import { Connection } from './connection.ts';
import type { HeldSettings } from './held-settings.ts';
import type { Outlet } from './message-sender.ts';
import type { SessionDeps } from './registry-deps.ts';
import type { SessionDesks } from './session-desks.ts';
import type { StatusBoard } from './status-board.ts';

export interface SlotDeps extends Pick<SessionDeps, 'lease' | 'rotateSecret' | 'versions'> {
  registry: SessionDeps['settings'];
  settings: HeldSettings;
  desks: SessionDesks;
  board: StatusBoard;
  log: Logger;
  /** WhatsApp has ended the link. `isCurrent`: no connection was opened since. */
  onLoggedOut: (isCurrent: () => boolean) => void;
}

const OPEN_SOON_MS = 30_000;

/** The place of a session's connection: one at a time; where an earlier one stands counts no more. */
export class ConnectionSlot {
  readonly #deps: SlotDeps;
  /** What sockets learn of devices and groups outlives each of them. */
  readonly #caches = createSocketCaches();
  #connection: Connection | undefined;

  constructor(deps: SlotDeps) {
    this.#deps = deps;
  }

  /** Taken: by one that may also have ended by itself. */
  get taken(): boolean {
    return this.#connection !== undefined;
  }

  /** Connected, or on the way there. */
  get live(): boolean {
    return this.#connection?.ended === false;
  }

  /** The socket, while messages can leave through it. */
  get socket(): WhatsAppSocket | undefined {
    return this.#connection?.socket;
  }

  /** The socket, also while it is logging in. */
  get transport(): WhatsAppSocket | undefined {
    return this.#connection?.transport;
  }

  /** False where another attempt has to begin before a pairing code can be shown. */
  get canPair(): boolean {
    return this.#connection?.canPair ?? true;
  }

  /** @throws AppError as WhatsApp refuses it, and where there is no connection */
  async requestPairingCode(digits: string): Promise<{ code: string; expiresAt: Date }> {
    const connection = this.#connection;
    if (connection === undefined)
      throw new AppError('WORKER_ERROR', 'WhatsApp cannot be reached now. Try again shortly.');
    return connection.requestPairingCode(digits);
  }

  /** Waits no longer before it tries again. */
  hurry(): void {
    this.#connection?.hurry();
  }

  /** In place of one that has ended. */
  open(auth: SessionAuth): void {
    const { registry, settings, desks, board, versions, lease, rotateSecret, log } = this.#deps;
    const isCurrent = () => this.#connection === connection && !board.ended;
    const connection = new Connection(
      {
        auth,
        caches: this.#caches,
        settings: registry,
        versions,
        log,
        mayLeave: () => !board.ended && lease.isHeld(),
        sessionSettings: () => settings.current,
        ...(rotateSecret === undefined ? {} : { rotateSecret }),
      },
      {
        onFact: (fact) => isCurrent() && board.apply(fact),
        onLoggedOut: () => isCurrent() && this.#deps.onLoggedOut(isCurrent),
        onIncoming: (incoming) => {
          board.touch();
          desks.incoming.take(incoming);
        },
        onReceipt: (update) => desks.sender.onReceipt(update),
        onAck: (ack) => desks.sender.onAck(ack),
        onNotice: (notice) => desks.queue.push(desks.reports.notice(notice)),
        onCaughtUp: () => this.#whenOpen(() => desks.sender.resume()),
      },
    );
    this.#connection = connection;
    connection.start();
  }

  /** In order. */
  async end(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.stop();
  }

  /** At once: not a frame leaves any more. */
  destroy(): void {
    this.#connection?.destroy();
    this.#connection = undefined;
  }

  /** The way out at this moment. @throws AppError where there is none */
  outlet(): Outlet {
    const { auth } = this.#deps.desks.journal;
    const { socket } = this;
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

  /** Catching up may end before or after the login does. */
  #whenOpen(work: () => void): void {
    const { board } = this.#deps;
    void board
      .until(() => this.socket !== undefined, OPEN_SOON_MS)
      .then((open) => open && !board.ended && work());
  }
}
