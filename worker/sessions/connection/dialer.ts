import type { Agent } from 'node:https';
import type { Logger } from 'pino';
import type { WorkerSettings } from '../../../shared/sessions/settings.ts';
import { openProxy } from '../../whatsapp/socket/open-proxy.ts';
import { type OpenSocketOptions, openSocket } from '../../whatsapp/socket/open-socket.ts';
import type { SocketCaches } from '../../whatsapp/socket/socket-caches.ts';
import type { VersionSource } from '../../whatsapp/socket/wa-version.ts';
import type { WhatsAppSocket } from '../../whatsapp/socket/whatsapp-socket.ts';
import type { SessionAuth } from '../../whatsapp/state/session-auth.ts';
import type { RegistrySettings } from '../settings.ts';

export interface DialerDeps {
  auth: SessionAuth;
  caches: SocketCaches;
  settings: RegistrySettings;
  versions: VersionSource;
  log: Logger;
  /** The session's current settings; a new proxy needs a new connection. */
  sessionSettings: () => WorkerSettings;
  openSocket?: typeof openSocket;
  rotateSecret?: OpenSocketOptions['rotateSecret'];
}

/** How WhatsApp is reached: as which version of its web client, and through which proxy, if any. */
type Way = Pick<OpenSocketOptions, 'version' | 'agent'>;

/** Opens a session's sockets, each with the settings of that moment. */
export class Dialer {
  readonly #deps: DialerDeps;

  constructor(deps: DialerDeps) {
    this.#deps = deps;
  }

  /** @throws ProxyRefused */
  async findWay(): Promise<Way> {
    const [version, agent] = await Promise.all([this.#deps.versions.current(), this.#openProxy()]);
    return { version, agent };
  }

  dial(way: Way, { listeners, mayLeave }: Pick<OpenSocketOptions, 'listeners' | 'mayLeave'>): WhatsAppSocket {
    const { auth, caches, log, settings, sessionSettings, rotateSecret } = this.#deps;
    return (this.#deps.openSocket ?? openSocket)({
      ...way,
      auth,
      caches,
      log,
      mayLeave,
      listeners,
      network: settings.whatsapp,
      typing: () => sessionSettings().pacing?.typing === true,
      history: settings.history,
      qrTtlMs: settings.qrTtlMs,
      ...(rotateSecret === undefined ? {} : { rotateSecret }),
    });
  }

  async #openProxy(): Promise<Agent | undefined> {
    const { proxy } = this.#deps.sessionSettings();
    const { allowPrivate } = this.#deps.settings.media;
    return proxy === null ? undefined : await openProxy(proxy, { allowPrivate });
  }
}
