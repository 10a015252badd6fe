import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AuthenticationCreds,
  DEFAULT_CONNECTION_CONFIG,
  initAuthCreds,
  type proto,
  type SignalDataSet,
  type SignalDataTypeMap,
} from '@whiskeysockets/baileys';
import type { QueuedReport } from '../../worker/report.ts';
import type { SessionAuth, SocketAuth } from '../../worker/whatsapp/state/session-auth.ts';

/**
 * Baileys as it comes: its own repository over a key store in memory, with a network between the two where
 * `latencyMs` is set. No journal, no barrier: what "bare" means in tests and benchmarks.
 */
export class StockAuth implements SessionAuth {
  latencyMs = 0;
  /** Asked before each write: where it answers a promise, the write waits for that. */
  holds: ((data: SignalDataSet) => Promise<void> | undefined) | undefined;
  readonly fault = undefined;
  readonly backlog = { changes: 0, bytes: 0, frames: 0 };
  readonly #keys = new Map<string, unknown>();
  readonly #sent = new Map<string, proto.IMessage>();
  readonly #reports = new Map<string, QueuedReport>();
  readonly #creds: AuthenticationCreds = initAuthCreds();

  readonly history = { append: () => undefined, pending: () => [], settle: () => undefined };

  readonly reports = {
    append: (report: QueuedReport) => void this.#reports.set(report.id, report),
    pending: () => [...this.#reports.values()],
    settle: (ids: readonly string[]) => {
      for (const id of ids) this.#reports.delete(id);
    },
    whenSafe: async () => undefined,
  };

  readonly outgoing = {
    chatOf: (id: string) => (this.#sent.has(id) ? { jid: undefined } : undefined),
    add: ({ id }: { id: string }, content?: proto.IMessage) => {
      if (content !== undefined) this.#sent.set(id, content);
    },
    settle: () => undefined,
    withdraw: (id: string) => void this.#sent.delete(id),
    pending: () => [],
  };

  readonly contacts = {
    learn: () => undefined,
    page: () => ({ contacts: [], hasMore: false }),
    namesOf: () => ({}),
  };
  readonly secrets = { find: () => undefined, remember: () => undefined };

  lidOf(): undefined {
    return undefined;
  }

  pnOf(): undefined {
    return undefined;
  }

  onUndecryptable(): () => undefined {
    return () => undefined;
  }

  get linked(): boolean {
    return this.#creds.account !== undefined;
  }

  get me() {
    const { me } = this.#creds;
    return me === undefined ? undefined : { id: me.id, lid: me.lid, name: me.name };
  }

  openSocket(): SocketAuth {
    return {
      auth: {
        creds: this.#creds,
        keys: {
          get: async (type, ids) => {
            await this.#wait();
            return this.#read(type, ids);
          },
          set: async (data) => {
            await this.#wait();
            await this.holds?.(data);
            this.#write(data);
          },
        },
      },
      makeSignalRepository: DEFAULT_CONNECTION_CONFIG.makeSignalRepository,
      sentAt: () => undefined,
      getMessage: async ({ id }) => this.#sent.get(id ?? ''),
    };
  }

  saveCreds(update: Partial<AuthenticationCreds>): void {
    Object.assign(this.#creds, update);
  }

  guardFrames(): void {}

  onFaultChange(): () => void {
    return () => undefined;
  }

  async barrier(): Promise<void> {}

  async close(): Promise<void> {}

  abandon(): void {}

  async eraseCredentials(): Promise<void> {}

  #read<T extends keyof SignalDataTypeMap>(type: T, ids: readonly string[]) {
    const found: { [id: string]: SignalDataTypeMap[T] } = {};
    for (const id of ids) {
      const value = this.#keys.get(`${type}|${id}`);
      // What `#write` took for this very type.
      if (value !== undefined) found[id] = value as SignalDataTypeMap[T];
    }
    return found;
  }

  #write(data: SignalDataSet): void {
    for (const [type, values] of Object.entries(data))
      for (const [id, value] of Object.entries(values ?? {}))
        if (value === null || value === undefined) this.#keys.delete(`${type}|${id}`);
        else this.#keys.set(`${type}|${id}`, value);
  }

  async #wait(): Promise<void> {
    if (this.latencyMs > 0) await sleep(this.latencyMs);
  }
}
