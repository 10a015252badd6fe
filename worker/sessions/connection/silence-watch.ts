import { type ProbeSettings, startLivenessProbe } from '../../whatsapp/socket/liveness-probe.ts';
import type { WhatsAppSocket } from '../../whatsapp/socket/whatsapp-socket.ts';

export interface SilenceWatchDeps {
  /** How long a login may take, or the first QR. */
  loginTimeoutMs: number;
  probe: ProbeSettings;
  /** False where silence proves nothing. */
  mayAsk: () => boolean;
  onSilence: (during: 'login' | 'probe') => void;
}

/** Notices a socket that stays open while WhatsApp is silent: by a deadline until login, then by a probe. */
export class SilenceWatch {
  readonly #deps: SilenceWatchDeps;
  #loginDeadline: NodeJS.Timeout | undefined;
  #stopProbe: () => void = () => undefined;

  constructor(deps: SilenceWatchDeps) {
    this.#deps = deps;
  }

  /** Called when a socket is about to be opened. */
  awaitLogin(): void {
    const { loginTimeoutMs, onSilence } = this.#deps;
    this.#loginDeadline = setTimeout(() => onSilence('login'), loginTimeoutMs);
  }

  /** Called when WhatsApp has answered and a person is next, who may take their time. */
  awaitPerson(): void {
    clearTimeout(this.#loginDeadline);
  }

  /** Called when the socket is logged in: it is probed from now on. */
  probe(socket: Pick<WhatsAppSocket, 'ask'>): void {
    clearTimeout(this.#loginDeadline);
    const { probe, mayAsk, onSilence } = this.#deps;
    this.#stopProbe = startLivenessProbe(probe, {
      ask: (timeoutMs) => socket.ask(timeoutMs),
      mayAsk,
      onDeaf: () => onSilence('probe'),
    });
  }

  /** Called when the socket is gone. */
  stop(): void {
    clearTimeout(this.#loginDeadline);
    this.#stopProbe();
  }
}
