import { type ProbeSettings, startLivenessProbe } from '../../whatsapp/socket/liveness-probe.ts';
import type { WhatsAppSocket } from '../../whatsapp/socket/whatsapp-socket.ts';

export interface SilenceWatchDeps {
  /** How long a login may take, or the first QR. */
  loginTimeoutMs: number;
  probe: ProbeSettings;
  /** Where not, silence says nothing. */
  mayAsk: () => boolean;
  onSilence: (during: 'login' | 'probe') => void;
}

/** Notices a socket that stays open while WhatsApp says nothing: by a deadline until its login, then by a probe. */
export class SilenceWatch {
  readonly #deps: SilenceWatchDeps;
  #loginDeadline: NodeJS.Timeout | undefined;
  #stopProbe: () => void = () => undefined;

  constructor(deps: SilenceWatchDeps) {
    this.#deps = deps;
  }

  /** A socket is about to be opened. */
  awaitLogin(): void {
    const { loginTimeoutMs, onSilence } = this.#deps;
    this.#loginDeadline = setTimeout(() => onSilence('login'), loginTimeoutMs);
  }

  /** WhatsApp has answered; what comes next is up to a person, who may take their time. */
  awaitPerson(): void {
    clearTimeout(this.#loginDeadline);
  }

  /** The socket is logged in: from here on it is asked. */
  probe(socket: Pick<WhatsAppSocket, 'ask'>): void {
    clearTimeout(this.#loginDeadline);
    const { probe, mayAsk, onSilence } = this.#deps;
    this.#stopProbe = startLivenessProbe(probe, {
      ask: (timeoutMs) => socket.ask(timeoutMs),
      mayAsk,
      onDeaf: () => onSilence('probe'),
    });
  }

  /** The socket is gone. */
  stop(): void {
    clearTimeout(this.#loginDeadline);
    this.#stopProbe();
  }
}
