import { EventEmitter, once } from 'node:events';
import { pino } from 'pino';
import type { QueuedReport } from '../../worker/report.ts';
import { SessionReports } from '../../worker/sessions/reporting/session-reports.ts';
import { openSocket } from '../../worker/whatsapp/socket/open-socket.ts';
import { createSocketCaches } from '../../worker/whatsapp/socket/socket-caches.ts';
import type { WhatsAppSocket } from '../../worker/whatsapp/socket/whatsapp-socket.ts';
import type { SessionAuth } from '../../worker/whatsapp/state/session-auth.ts';

export interface GatewayClientOptions {
  auth: SessionAuth;
  sessionId: string;
  epoch: number;
  network: { url: string; noiseRoot: string };
  /** Gets each report once it is appended; answers when it is accepted. Absent: accepted at once. */
  deliver?: (report: QueuedReport) => Promise<void>;
}

const OPEN_TIMEOUT_MS = 90_000;
const ACK_TIMEOUT_MS = 90_000;
const RESTART_REQUIRED = 515;
const log = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });

/** What a session does with its auth state and one socket after another, and nothing else. */
export class GatewayClient {
  readonly events = new EventEmitter();
  readonly #options: GatewayClientOptions;
  readonly #reports: SessionReports;
  readonly #caches = createSocketCaches();
  readonly #acks = new Map<string, (errorCode: string | undefined) => void>();
  #socket: WhatsAppSocket | undefined;

  constructor(options: GatewayClientOptions) {
    this.#options = options;
    this.#reports = new SessionReports(options.sessionId, options.epoch);
    this.events.setMaxListeners(0);
  }

  /** Logs in; what an earlier owner could not report is reported first. */
  async connect(): Promise<void> {
    for (const left of this.#options.auth.reports.pending()) void this.#deliver(left);
    const opened = this.#next('open');
    this.#open();
    await opened;
  }

  /** Links by QR; `scan` answers `rescan` where the phone wants to see the rotated one. */
  async link(scan: (qr: string) => Promise<{ status: 'rescan' | 'linked' }>): Promise<void> {
    const opened = this.#next('open');
    this.events.on('qr', (qr: string) => void scan(qr).catch((error) => this.events.emit('error', error)));
    this.#open();
    await opened;
    this.events.removeAllListeners('qr');
  }

  /** Resolves once WhatsApp's server has acknowledged it. */
  async send(to: string, text: string, messageId: string): Promise<void> {
    const { auth } = this.#options;
    const socket = this.#socket;
    if (socket === undefined) throw new Error('The client is not connected.');
    const prepared = await socket.prepare({
      messageId,
      body: { to, type: 'text', message: text },
      media: undefined,
    });
    const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
    const timer = setTimeout(() => reject(new Error(`${messageId} was not acknowledged`)), ACK_TIMEOUT_MS);
    this.#acks.set(messageId, resolve);
    auth.outgoing.add({ id: messageId, to, type: 'text', at: new Date() }, prepared.message);
    await socket.relay(prepared);
    const errorCode = await promise.finally(() => clearTimeout(timer));
    auth.outgoing.settle(messageId);
    if (errorCode !== undefined) throw new Error(`${messageId} was refused: ${errorCode}`);
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    await socket?.close();
    await this.#options.auth.close();
  }

  /** As a process that is killed: nothing more is written, nothing more leaves. */
  async kill(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#options.auth.abandon();
    socket?.destroy();
  }

  async #next(event: string): Promise<void> {
    await once(this.events, event, { signal: AbortSignal.timeout(OPEN_TIMEOUT_MS) });
  }

  async #deliver(report: QueuedReport): Promise<void> {
    await this.#options.deliver?.(report);
    this.#options.auth.reports.settle([report.id]);
  }

  #report(report: QueuedReport): void {
    this.#options.auth.reports.append(report);
    void this.#deliver(report);
  }

  #open(): void {
    const { auth, network } = this.#options;
    const emit = this.events.emit.bind(this.events);
    this.#socket = openSocket({
      auth,
      network,
      log,
      caches: this.#caches,
      version: [2, 3000, 1035194821],
      mayLeave: () => this.#socket !== undefined,
      listeners: {
        onQr: ({ text }) => emit('qr', text),
        onPaired: () => emit('paired'),
        onOpen: () => emit('open'),
        onCaughtUp: () => emit('caught-up'),
        onPasskeyDemand: () => emit('passkey'),
        onReceipt: async (update) => {
          emit('receipt', update);
        },
        onIncoming: ({ event, fact }) => {
          const report = this.#reports.incoming(event, fact);
          this.#report(report);
          emit('incoming', event);
        },
        onNotice: () => undefined,
        onAck: ({ messageId, errorCode }) => {
          const acknowledge = this.#acks.get(messageId);
          this.#acks.delete(messageId);
          acknowledge?.(errorCode);
        },
        onClose: (reason) => {
          if (reason.code === RESTART_REQUIRED) this.#open();
          else emit('closed', reason);
        },
      },
    });
  }
}
