import { AppError } from '../../../shared/errors/app-error.ts';
import { drawDataUrl } from '../../../shared/sessions/qr/draw-qr.ts';
import { phoneNumberOf, withoutDevice } from '../../whatsapp/reading/read-jid.ts';
import { actionOnClose, type CloseReason, nameOfClose } from '../../whatsapp/socket/close-policy.ts';
import { describeFault } from '../../whatsapp/socket/describe-fault.ts';
import { ProxyRefused } from '../../whatsapp/socket/open-proxy.ts';
import type { SocketListeners, WhatsAppSocket } from '../../whatsapp/socket/whatsapp-socket.ts';
import type { SessionAuth } from '../../whatsapp/state/session-auth.ts';
import { type AfterClose, afterClose } from '../registry/after-close.ts';
import type { Claim } from '../registry/registry-deps.ts';
import type { SessionFact } from '../session-state.ts';
import { ENDINGS, interruptedBy, REPLACED } from './connection-facts.ts';
import { Dialer, type DialerDeps } from './dialer.ts';
import { LinkingAttempt } from './linking-attempt.ts';
import { ReconnectDelays } from './reconnect-delays.ts';
import { SilenceWatch } from './silence-watch.ts';

export interface ConnectionDeps extends DialerDeps {
  /** Asked immediately before each frame. */
  mayLeave: () => boolean;
  /** Asks who owns the session, after another login has taken over. */
  askOwner: () => Promise<Claim>;
}

/** What a connection tells its session; nothing comes after `stop` or `destroy`. */
export interface ConnectionListeners
  extends Pick<SocketListeners, 'onIncoming' | 'onReceipt' | 'onAck' | 'onNotice' | 'onCaughtUp'> {
  onFact(fact: SessionFact): void;
  /** WhatsApp has ended the link: the credentials are worthless. */
  onLoggedOut(): void;
}

/** How often an unlinked account is tried when WhatsApp cannot be reached. */
const MAX_LINKING_FAILURES = 5;

/** Keeps one session connected: opens sockets one after another, as the close policies say. */
export class Connection {
  readonly #deps: ConnectionDeps;
  readonly #listeners: ConnectionListeners;
  readonly #dialer: Dialer;
  readonly #delays: ReconnectDelays;
  readonly #takeBacks: ReconnectDelays;
  readonly #silence: SilenceWatch;
  readonly #stopWatchingStorage: () => void;
  #socket: WhatsAppSocket | undefined;
  #open = false;
  #linking = new LinkingAttempt();
  #refreshed = false;
  #ended = false;
  /** Another login has taken over, and it is not settled yet whether this one may come back. */
  #contested = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(deps: ConnectionDeps, listeners: ConnectionListeners) {
    const { loginTimeoutMs, probe } = deps.settings;
    this.#deps = deps;
    this.#listeners = listeners;
    this.#dialer = new Dialer(deps);
    this.#delays = new ReconnectDelays(deps.settings.reconnect);
    this.#takeBacks = new ReconnectDelays(deps.settings.takeBack);
    this.#silence = new SilenceWatch({
      loginTimeoutMs,
      probe,
      // While storage is away, the write barrier holds the question back.
      mayAsk: () => deps.auth.fault === undefined,
      onSilence: (during) => this.#onSilence(during),
    });
    // Held-back frames may have ended the socket: it is opened again as soon as storage is back.
    this.#stopWatchingStorage = deps.auth.onFaultChange((fault) => {
      if (fault === undefined && !this.#contested) this.hurry();
    });
  }

  /** The socket, while messages can leave through it. */
  get socket(): WhatsAppSocket | undefined {
    return this.#open ? this.#socket : undefined;
  }

  /** The socket, also while it is logging in. */
  get transport(): WhatsAppSocket | undefined {
    return this.#socket;
  }

  /** Nothing more will happen by itself. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The current attempt can still show a pairing code. */
  get canPair(): boolean {
    return !this.#ended && this.#linking.canPair;
  }

  /**
   * Shows a pairing code instead of the QR, once the first QR has been shown.
   * @throws AppError as WhatsApp refuses it
   */
  async requestPairingCode(digits: string): Promise<{ code: string; expiresAt: Date }> {
    const socket = this.#socket;
    if (socket === undefined || !this.#linking.qrShown)
      throw new AppError('SESSION_NOT_CONNECTED', 'WhatsApp cannot be reached now. Try again shortly.');
    const code = await socket.requestPairingCode(digits);
    return { code, expiresAt: this.#linking.takeCode() };
  }

  start(): void {
    this.#listeners.onFact({ fact: 'opening', linked: this.#deps.auth.linked });
    void this.#openNext();
  }

  /** Ends the current back-off. */
  hurry(): void {
    if (this.#retry === undefined || this.#ended) return;
    this.#delays.reset();
    this.#takeBacks.reset();
    this.#contested = false;
    this.#cancelRetry();
    void this.#openNext();
  }

  async stop(): Promise<void> {
    const socket = this.#end();
    await socket?.close();
  }

  /** Stops at once: no frame leaves any more. */
  destroy(): void {
    this.#end()?.destroy();
  }

  #end(): WhatsAppSocket | undefined {
    const socket = this.#socket;
    this.#ended = true;
    this.#forgetSocket();
    this.#cancelRetry();
    this.#stopWatchingStorage();
    return socket;
  }

  #forgetSocket(): void {
    this.#silence.stop();
    this.#open = false;
    this.#socket = undefined;
  }

  #cancelRetry(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
  }

  async #openNext(): Promise<void> {
    const { settings, log, mayLeave } = this.#deps;
    try {
      const way = await this.#dialer.findWay();
      if (this.#ended || this.#socket !== undefined) return;
      this.#linking = new LinkingAttempt(settings.qrTtlMs);
      this.#silence.awaitLogin();
      this.#socket = this.#dialer.dial(way, {
        listeners: this.#socketListeners(),
        mayLeave: () => !this.#ended && mayLeave(),
      });
    } catch (fault) {
      if (this.#ended) return;
      if (fault instanceof ProxyRefused) {
        this.#finish({ fact: 'failed', error: fault.message, errorCode: 'PROXY_REFUSED' });
        return;
      }
      log.error({ reason: describeFault(fault) }, 'a connection could not be opened');
      this.#retryLater({ code: 0, message: 'open failed' });
    }
  }

  #socketListeners(): SocketListeners {
    const { onFact, onIncoming, onReceipt, onAck, onNotice, onCaughtUp } = this.#listeners;
    return {
      onIncoming,
      onReceipt,
      onAck,
      onNotice,
      onCaughtUp,
      onQr: ({ text, expiresAt }) => {
        this.#silence.awaitPerson();
        if (this.#linking.takeQr())
          onFact({ fact: 'qr-shown', qr: { text, expiresAt, code: drawDataUrl(text) } });
      },
      onPaired: () => onFact({ fact: 'paired' }),
      onOpen: () => this.#onOpen(),
      onClose: (reason) => this.#onClose(reason),
      onPasskeyDemand: () => {
        if (this.#deps.auth.linked) return;
        this.#end()?.destroy();
        onFact(ENDINGS.passkeyRequired);
      },
    };
  }

  #onOpen(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#open = true;
    this.#refreshed = false;
    this.#delays.opened();
    this.#takeBacks.opened();
    this.#silence.probe(socket);
    this.#listeners.onFact({ fact: 'opened', phoneNumber: numberOf(this.#deps.auth) });
  }

  /** WhatsApp does not answer on an open connection, so it is replaced. */
  #onSilence(during: 'login' | 'probe'): void {
    const socket = this.#socket;
    if (socket === undefined || this.#ended) return;
    this.#deps.log.warn({ during }, 'WhatsApp does not answer: the connection is replaced');
    socket.destroy();
    this.#onClose({ code: 408, message: 'no answer' });
  }

  #onClose(reason: CloseReason): void {
    if (this.#ended) return;
    const { auth, versions, log } = this.#deps;
    const wasOpen = this.#open;
    this.#forgetSocket();
    if (wasOpen) {
      this.#delays.closed();
      this.#takeBacks.closed();
    }
    const action = actionOnClose(reason, { linked: auth.linked, qrShown: this.#linking.qrShown });
    const { code, message } = reason;
    log.info({ code, close: nameOfClose(code), reason: message, next: action.do }, 'the connection closed');
    const { canRefresh } = versions;
    this.#follow(afterClose(action, { canRefresh, refreshed: this.#refreshed }), reason);
  }

  #follow(next: AfterClose, reason: CloseReason): void {
    switch (next.do) {
      case 'open':
        this.start();
        break;
      case 'retry':
        if (next.refresh) this.#refreshVersion();
        this.#retryLater(reason);
        break;
      case 'ask-owner':
        void this.#comeBackIfOurs();
        break;
      case 'log-out':
        this.#end();
        this.#listeners.onLoggedOut();
        break;
      case 'end':
        this.#finish(next.fact);
        break;
    }
  }

  /** Two logins that both came back at once would replace each other for ever. */
  async #comeBackIfOurs(): Promise<void> {
    this.#contested = true;
    if (this.#takeBacks.attempts >= this.#deps.settings.takeBack.most) {
      this.#finish(ENDINGS.replacedElsewhere);
      return;
    }
    this.#listeners.onFact(REPLACED);
    const claim = await this.#deps.askOwner();
    if (this.#ended) return;
    this.#deps.log.warn({ claim }, 'another login has taken over this linked device');
    if (claim === 'others') {
      // Its owner says where it stands.
      this.#end();
      return;
    }
    const delayMs = claim === 'ours' ? this.#takeBacks.next() : this.#delays.next();
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      if (claim !== 'ours') return void this.#comeBackIfOurs();
      this.#contested = false;
      void this.#openNext();
    }, delayMs);
  }

  #refreshVersion(): void {
    this.#refreshed = true;
    this.#deps.versions.refresh();
  }

  /** Nothing happens by itself after this. */
  #finish(fact: SessionFact): void {
    this.#end();
    this.#listeners.onFact(fact);
  }

  #retryLater(reason: CloseReason): void {
    if (this.#ended) return;
    const delayMs = this.#delays.next();
    if (!this.#deps.auth.linked && this.#delays.attempts > MAX_LINKING_FAILURES) {
      this.#finish(ENDINGS.unreachable);
      return;
    }
    this.#listeners.onFact(interruptedBy(reason));
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      void this.#openNext();
    }, delayMs);
  }
}

function numberOf(auth: SessionAuth): string | undefined {
  return auth.me === undefined ? undefined : phoneNumberOf(withoutDevice(auth.me.id));
}
