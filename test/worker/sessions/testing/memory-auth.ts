import {
  type AuthenticationCreds,
  DEFAULT_CONNECTION_CONFIG,
  initAuthCreds,
  type proto,
  type SignalDataSet,
  type SignalKeyStore,
} from '@whiskeysockets/baileys';
import type { QueuedReport } from '../../../../worker/sessions/ports.ts';
import type { OpenAuth } from '../../../../worker/sessions/registry-deps.ts';
import type { SessionAuth, SocketAuth, StorageFault } from '../../../../worker/whatsapp/auth/session-auth.ts';

/** What outlives a worker: one session's state, and the keys it stands under. */
interface Kept {
  creds: AuthenticationCreds | undefined;
  keys: Map<string, unknown>;
  sent: Map<string, proto.IMessage>;
  reports: Map<string, QueuedReport>;
}

/** The durable state of sessions, without durability: for tests of what stands on top of it. */
export class MemoryAuths {
  readonly kept = new Map<string, Kept>();
  readonly opened: { sessionId: string; epoch: number }[] = [];
  /** Where set, opening fails. */
  failure: Error | undefined;

  readonly open: OpenAuth = async ({ sessionId, epoch }) => {
    if (this.failure !== undefined) throw this.failure;
    this.opened.push({ sessionId, epoch });
    const kept = this.kept.get(sessionId) ?? {
      creds: undefined,
      keys: new Map(),
      sent: new Map(),
      reports: new Map(),
    };
    this.kept.set(sessionId, kept);
    return new MemoryAuth(kept);
  };
}

export class MemoryAuth implements SessionAuth {
  readonly #kept: Kept;
  readonly #listeners = new Set<(fault: StorageFault | undefined) => void>();
  #creds = initAuthCreds();
  fault: StorageFault | undefined;

  constructor(kept: Kept) {
    this.#kept = kept;
    if (kept.creds !== undefined) this.#creds = kept.creds;
  }

  get linked(): boolean {
    return this.#creds.account !== undefined;
  }

  get me() {
    const { me } = this.#creds;
    return me === undefined ? undefined : { id: me.id, lid: me.lid, name: me.name };
  }

  openSocket(): SocketAuth {
    if (!this.linked) {
      this.#creds = initAuthCreds();
      this.#kept.keys.clear();
    }
    return {
      auth: { creds: this.#creds, keys: keyStore(this.#kept.keys) },
      makeSignalRepository: DEFAULT_CONNECTION_CONFIG.makeSignalRepository,
      getMessage: async ({ id }) => this.#kept.sent.get(id ?? ''),
    };
  }

  saveCreds(update: Partial<AuthenticationCreds>): void {
    Object.assign(this.#creds, update);
    if (this.linked) this.#kept.creds = this.#creds;
  }

  async barrier(): Promise<void> {}

  guardFrames(socket: { ws: unknown }, mayLeave: () => boolean): void {
    const { socket: transport } = socket.ws as {
      socket: { send(data: Uint8Array, done: (error?: Error) => void): void };
    };
    const send = transport.send.bind(transport);
    transport.send = (data, done) => {
      if (mayLeave()) send(data, done);
    };
  }

  rememberSent({ id }: { id?: string | null }, message: proto.IMessage): void {
    this.#kept.sent.set(id ?? '', message);
  }

  readonly reports = {
    append: (report: QueuedReport) => {
      this.#kept.reports.set(report.id, report);
    },
    pending: () => [...this.#kept.reports.values()],
    settle: (ids: readonly string[]) => {
      for (const id of ids) this.#kept.reports.delete(id);
    },
  };

  onFaultChange(listener: (fault: StorageFault | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  setFault(fault: StorageFault | undefined): void {
    this.fault = fault;
    for (const listener of this.#listeners) listener(fault);
  }

  async close(): Promise<void> {}

  abandon(): void {}

  async eraseCredentials(): Promise<void> {
    this.#creds = initAuthCreds();
    this.#kept.creds = undefined;
    this.#kept.keys.clear();
  }
}

function keyStore(values: Map<string, unknown>): SignalKeyStore {
  return {
    get: async (type, ids) =>
      Object.fromEntries(
        ids.map((id) => [id, values.get(`${type}/${id}`)]).filter(([, value]) => value !== undefined),
      ),
    set: async (data: SignalDataSet) => {
      for (const [type, entries] of Object.entries(data))
        for (const [id, value] of Object.entries(entries ?? {}))
          if (value === null || value === undefined) values.delete(`${type}/${id}`);
          else values.set(`${type}/${id}`, value);
    },
  };
}
