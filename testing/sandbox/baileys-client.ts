import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import {
  type AuthenticationCreds,
  type BaileysEventMap,
  Browsers,
  initAuthCreds,
  makeWASocket,
  type SignalDataSet,
  type SignalDataTypeMap,
  type UserFacingSocketConfig,
  WA_CERT_DETAILS,
  type WAMessage,
  type WASocket,
} from '@whiskeysockets/baileys';
import type { Sandbox } from '../../sandbox/start-sandbox.ts';

type Store = Map<string, unknown>;
type Logger = UserFacingSocketConfig['logger'];

const silent: NonNullable<Logger> = {
  level: 'silent',
  child: () => silent,
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};

const patienceMs = 60_000;

export type ClientOptions = {
  /** Handle companion_reg_refresh, as a client of 2026 must (default true). */
  rotateSecret?: boolean;
  markOnlineOnConnect?: boolean;
  config?: Partial<UserFacingSocketConfig>;
};

export type Closed = { statusCode: number; message: string };

/** The unmodified Baileys client with its memory in this process; it comes back by itself after 515. */
export class BaileysClient {
  sandbox: Sandbox;
  readonly options: ClientOptions;
  creds: AuthenticationCreds = initAuthCreds();
  readonly keys: Store = new Map();
  readonly events = new EventEmitter();
  readonly received: WAMessage[] = [];
  readonly statuses = new Map<string, number>();
  /** Messages that the server refused. */
  readonly errors = new Set<string>();
  readonly sent = new Map<string, WAMessage>();
  sock: WASocket | null = null;
  #lastQr: string | null = null;
  #rotated = false;

  constructor(sandbox: Sandbox, options: ClientOptions = {}) {
    this.sandbox = sandbox;
    this.options = options;
    this.events.setMaxListeners(0);
    WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(sandbox.trustRoot, 'hex');
  }

  get socket(): WASocket {
    if (!this.sock) throw new Error('The client is not connected.');
    return this.sock;
  }

  connect(): WASocket {
    const sock = makeWASocket({
      waWebSocketUrl: this.sandbox.url,
      logger: silent,
      browser: Browsers.ubuntu('Chrome'),
      auth: { creds: this.creds, keys: keyStore(this.keys) },
      getMessage: async (key) => this.sent.get(key.id ?? '')?.message ?? undefined,
      retryRequestDelayMs: 10,
      markOnlineOnConnect: this.options.markOnlineOnConnect ?? true,
      ...this.options.config,
    });
    this.sock = sock;
    sock.ev.on('creds.update', (update) => {
      Object.assign(this.creds, update);
      this.events.emit('creds');
    });
    sock.ev.on('connection.update', (update) => this.#connectionUpdate(sock, update));
    sock.ev.on('messages.upsert', ({ messages }) => {
      for (const message of messages) {
        this.received.push(message);
        this.events.emit('message', message);
        // While Baileys buffers, a receipt is merged into the message instead of updating it.
        this.#status(message.key.id, message.status);
        this.events.emit('update', { key: message.key, update: message });
      }
    });
    sock.ev.on('messages.update', (updates) => {
      for (const { key, update } of updates) {
        this.#status(key.id, update.status);
        this.events.emit('update', { key, update });
      }
    });
    sock.ev.on('groups.upsert', (groups) => this.events.emit('groups', groups));
    sock.ws.on('CB:ack,class:message', (node: unknown) => this.events.emit('ack', node));
    if (this.options.rotateSecret ?? true) this.#handleRefresh(sock);
    return sock;
  }

  /** The next of our events that fits. */
  next<T>(event: string, fits: (value: T) => boolean = () => true): Promise<T> {
    return new Promise((resolve, reject) => {
      const listen = (value: T) => {
        if (!fits(value)) return;
        finish();
        resolve(value);
      };
      const finish = () => {
        clearTimeout(timer);
        this.events.off(event, listen);
      };
      const timer = setTimeout(() => {
        finish();
        reject(new Error(`No fitting "${event}" came within ${patienceMs} ms.`));
      }, patienceMs);
      this.events.on(event, listen);
    });
  }

  /** The message with this id, whether it has come already or comes yet. */
  async message(id: string): Promise<WAMessage> {
    const fits = (message: WAMessage) => message.key.id === id && Boolean(message.message);
    return this.received.find(fits) ?? (await this.next<WAMessage>('message', fits));
  }

  /** Waits until the message has at least this status (3 delivered, 4 read, 5 played). */
  async status(id: string, status: number): Promise<void> {
    while ((this.statuses.get(id) ?? 0) < status) await this.next('update');
  }

  async send(to: string, content: Parameters<WASocket['sendMessage']>[1]): Promise<WAMessage> {
    const message = await this.socket.sendMessage(to, content);
    if (!message?.key.id) throw new Error('Baileys gave no message.');
    this.sent.set(message.key.id, message);
    return message;
  }

  async ready(): Promise<void> {
    await this.next<BaileysEventMap['connection.update']>('open');
  }

  /** Links to the account by QR, through the refresh when the server asks for it, and waits for login. */
  async link(number: string): Promise<this> {
    const opened = this.ready();
    const qr = this.next<string>('qr');
    this.connect();
    let result = await this.sandbox.scan(number, await qr);
    if (result.status === 'rescan') result = await this.sandbox.scan(number, await this.#freshQr());
    if (result.status !== 'linked') throw new Error('The phone did not link.');
    await opened;
    // Until it has synchronised, a client that comes back holds its events for 20 s (chats.js).
    while (!this.creds.accountSyncCounter) await this.next('creds');
    return this;
  }

  async login(): Promise<this> {
    const opened = this.ready();
    this.connect();
    await opened;
    return this;
  }

  async close(): Promise<void> {
    await this.sock?.end(undefined);
    this.sock = null;
  }

  #status(id: string | null | undefined, status: number | null | undefined): void {
    if (!id || typeof status !== 'number') return;
    this.statuses.set(id, Math.max(status, this.statuses.get(id) ?? 0));
    if (status === 0) this.errors.add(id);
  }

  #connectionUpdate(sock: WASocket, update: BaileysEventMap['connection.update']): void {
    if (update.qr) this.#emitQr(update.qr);
    if (update.connection === 'open') this.events.emit('open', update);
    if (update.connection !== 'close' || this.sock !== sock) return;
    const error = update.lastDisconnect?.error as (Error & { output?: { statusCode: number } }) | undefined;
    const statusCode = error?.output?.statusCode ?? 0;
    if (statusCode === 515) this.connect();
    else this.events.emit('closed', { statusCode, message: error?.message ?? '' } satisfies Closed);
  }

  #emitQr(qr: string): void {
    this.#lastQr = this.#rotated ? withSecret(qr, this.creds.advSecretKey) : qr;
    this.events.emit('qr', this.#lastQr);
  }

  async #freshQr(): Promise<string> {
    if (this.#rotated && this.#lastQr) return this.#lastQr;
    return this.next<string>('qr');
  }

  #handleRefresh(sock: WASocket): void {
    sock.ws.on('CB:notification,type:companion_reg_refresh', () => {
      this.creds.advSecretKey = randomBytes(32).toString('base64');
      this.#rotated = true;
      if (this.#lastQr) this.#emitQr(this.#lastQr);
    });
  }
}

function withSecret(qr: string, secret: string): string {
  const fields = qr.split(',');
  fields[3] = secret;
  return fields.join(',');
}

function keyStore(store: Store) {
  return {
    async get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
      const found: { [id: string]: SignalDataTypeMap[T] } = {};
      for (const id of ids) {
        const value = store.get(`${type}|${id}`);
        if (value !== undefined) found[id] = value as SignalDataTypeMap[T];
      }
      return found;
    },
    async set(data: SignalDataSet) {
      for (const [type, entries] of Object.entries(data))
        for (const [id, value] of Object.entries(entries ?? {}))
          if (value === null || value === undefined) store.delete(`${type}|${id}`);
          else store.set(`${type}|${id}`, value);
    },
  };
}
