import type { Logger } from 'pino';
import { AppError } from '../../../shared/errors/app-error.ts';
import { createSocketCaches } from '../../whatsapp/socket/socket-caches.ts';
import type { WhatsAppSocket } from '../../whatsapp/socket/whatsapp-socket.ts';
import type { SessionAuth } from '../../whatsapp/state/session-auth.ts';
import type { CurrentStatus } from '../current-status.ts';
import type { HeldSettings } from '../held-settings.ts';
import type { Claim, SessionDeps } from '../registry/registry-deps.ts';
import type { SendPath } from '../sending/message-sender.ts';
import type { SessionTraffic } from '../session-traffic.ts';
import { Connection } from './connection.ts';

export interface CurrentConnectionDeps extends Pick<SessionDeps, 'lease' | 'rotateSecret' | 'versions'> {
  registry: SessionDeps['settings'];
  settings: HeldSettings;
  traffic: SessionTraffic;
  currentStatus: CurrentStatus;
  log: Logger;
  askOwner: () => Promise<Claim>;
  /** WhatsApp has ended the link. `isCurrent`: no connection was opened since. */
  onLoggedOut: (isCurrent: () => boolean) => void;
}

const OPEN_SOON_MS = 30_000;

/** The current connection of a session: one at a time; facts of earlier ones are ignored. */
export class CurrentConnection {
  readonly #deps: CurrentConnectionDeps;
  /** What sockets learn of devices and groups outlives each of them. */
  readonly #caches = createSocketCaches();
  #connection: Connection | undefined;

  constructor(deps: CurrentConnectionDeps) {
    this.#deps = deps;
  }

  /** Whether there is a connection, also one that has ended by itself. */
  get taken(): boolean {
    return this.#connection !== undefined;
  }

  /** Connected, or connecting. */
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

  /** Ends the current back-off. */
  hurry(): void {
    this.#connection?.hurry();
  }

  /** Opens a connection in place of one that has ended. */
  open(auth: SessionAuth): void {
    const { registry, settings, traffic, currentStatus, versions, lease, rotateSecret, log, askOwner } =
      this.#deps;
    const isCurrent = () => this.#connection === connection && !currentStatus.ended;
    const connection = new Connection(
      {
        auth,
        caches: this.#caches,
        settings: registry,
        versions,
        log,
        askOwner,
        mayLeave: () => !currentStatus.ended && lease.isHeld(),
        sessionSettings: () => settings.current,
        ...(rotateSecret === undefined ? {} : { rotateSecret }),
      },
      {
        onFact: (fact) => isCurrent() && currentStatus.apply(fact),
        onLoggedOut: () => isCurrent() && this.#deps.onLoggedOut(isCurrent),
        onIncoming: (incoming) => {
          currentStatus.touch();
          traffic.incoming.take(incoming);
        },
        onReceipt: (update) => traffic.sender.onReceipt(update),
        onAck: (ack) => traffic.sender.onAck(ack),
        onNotice: (notice) => traffic.queue.push(traffic.reports.notice(notice)),
        onCaughtUp: () => this.#whenOpen(() => traffic.sender.resume()),
      },
    );
    this.#connection = connection;
    connection.start();
  }

  /** Closes the connection gracefully. */
  async end(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.stop();
  }

  /** Closes it at once: no frame leaves any more. */
  destroy(): void {
    this.#connection?.destroy();
    this.#connection = undefined;
  }

  /**
   * The socket and the state to send with now.
   * @throws AppError where nothing can be sent
   */
  sendPath(): SendPath {
    const { auth } = this.#deps.traffic.journal;
    const { socket } = this;
    if (this.#deps.currentStatus.leaving)
      throw new AppError('SESSION_MOVING', 'This session is moving to another worker. Try again shortly.');
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
    const { currentStatus } = this.#deps;
    void currentStatus
      .until(() => this.socket !== undefined, OPEN_SOON_MS)
      .then((open) => open && !currentStatus.ended && work());
  }
}
