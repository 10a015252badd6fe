import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { AppError } from '../../shared/errors/app-error.ts';
import type { MessageStatus, SendAnswer } from '../../shared/messages/schema.ts';
import { advances } from '../../shared/messages/status-order.ts';
import type { WorkerSend } from '../../shared/worker-api/schema.ts';
import type { SessionAuth } from '../whatsapp/auth/session-auth.ts';
import { describeFault } from '../whatsapp/describe-fault.ts';
import { fetchMedia } from '../whatsapp/fetch-media.ts';
import { sentenceForNack } from '../whatsapp/nack-reasons.ts';
import type { ReceiptUpdate } from '../whatsapp/read-receipt.ts';
import type { PreparedMessage, ServerAck, WhatsAppSocket } from '../whatsapp/whatsapp-socket.ts';
import { ChatLanes } from './chat-lanes.ts';
import type { MessageOutcome, SentMessage } from './session-reports.ts';
import type { RegistrySettings } from './settings.ts';

/** The connection a message leaves through. */
export interface Outlet {
  socket: WhatsAppSocket;
  auth: SessionAuth;
}

export interface SenderDeps {
  sessionId: string;
  settings: Pick<RegistrySettings, 'media' | 'ackTimeoutMs'>;
  log: Logger;
  /** The way out at this moment. @throws AppError where there is none */
  outlet: () => Outlet;
  onOutcome: (outcome: MessageOutcome) => void;
  onSent: (sent: SentMessage) => void;
}

interface Tracked {
  message: WorkerSend;
  status: MessageStatus;
  at: Date;
  /** Of WhatsApp's refusal. */
  errorCode?: string;
  /** The caller has been told that it is pending: what comes of it is reported. */
  answered: boolean;
  /** What left, while its acknowledgement is awaited, and through which socket. */
  leaving?: { prepared: PreparedMessage; socket: WhatsAppSocket | undefined; attempts: number };
  settled: PromiseWithResolvers<void>;
}

const MAX_TRACKED = 10_000;
const MAX_ATTEMPTS = 3;
const TRY_AGAIN_MS = 5_000;

/** Baileys' own form of ids (`generics.js`, generateMessageID). */
export const newMessageId = (): string => `3EB0${randomBytes(18).toString('hex').toUpperCase()}`;

/** Sends a session's messages, each at most once, and follows what becomes of them. */
export class MessageSender {
  readonly #deps: SenderDeps;
  readonly #lanes = new ChatLanes();
  readonly #tracked = new LRUCache<string, Tracked>({ max: MAX_TRACKED });

  constructor(deps: SenderDeps) {
    this.#deps = deps;
  }

  /**
   * `sent` once WhatsApp has acknowledged the message and the state that sent it is durable; `pending` where
   * that takes longer than the time-out, and its status follows as a report.
   */
  async send(message: WorkerSend): Promise<SendAnswer> {
    const messageId = message.messageId ?? newMessageId();
    const earlier = this.#tracked.peek(messageId);
    if (earlier !== undefined) return this.#answer(messageId, earlier);
    // Refuses at once where there is no way out.
    this.#deps.outlet();
    const tracked: Tracked = {
      message,
      status: 'pending',
      at: new Date(),
      answered: false,
      settled: Promise.withResolvers(),
    };
    // Nobody may be waiting any more when it fails.
    tracked.settled.promise.catch(() => undefined);
    this.#tracked.set(messageId, tracked);
    this.#lanes
      .run(message.to, () => this.#dispatch(messageId, tracked))
      .catch((fault) => this.#onFault(messageId, tracked, fault));
    return this.#answer(messageId, tracked);
  }

  onAck({ messageId, errorCode }: ServerAck): void {
    const tracked = this.#tracked.peek(messageId);
    if (tracked === undefined) return;
    if (errorCode === undefined) this.#onAcknowledged(messageId, tracked);
    else this.#onRefused(messageId, tracked, errorCode);
  }

  /**
   * On a new connection: what an earlier one took but WhatsApp never acknowledged leaves once more, under its
   * id, as WhatsApp's own clients do. Recipients know a message again by its id.
   */
  resume(): void {
    const { socket } = this.#deps.outlet();
    // Oldest first, so that chats keep their order.
    for (const [messageId, tracked] of [...this.#tracked.entries()].reverse()) {
      const { leaving, status } = tracked;
      if (leaving === undefined || status !== 'pending' || leaving.socket === socket) continue;
      if (leaving.attempts >= MAX_ATTEMPTS) continue;
      this.#deps.log.info({ messageId }, 'a message without acknowledgement leaves again');
      this.#lanes
        .run(tracked.message.to, () => this.#dispatchAgain(tracked))
        .catch((fault) => this.#onFault(messageId, tracked, fault));
    }
  }

  /** Nothing more will be heard here: whoever waits is told how things stand. */
  stop(): void {
    for (const tracked of this.#tracked.values()) tracked.settled.resolve();
  }

  #resumeQuietly(): void {
    try {
      this.resume();
    } catch {
      // Not connected: the next connection resumes.
    }
  }

  onReceipt({ messageIds, status, chat, at }: ReceiptUpdate): void {
    for (const messageId of messageIds) {
      const tracked = this.#tracked.peek(messageId);
      if (tracked !== undefined) {
        if (!advances(tracked.status, status)) continue;
        // Who can deliver a message has taken it: the acknowledgement itself may come later, or never.
        this.#onAcknowledged(messageId, tracked);
        tracked.status = status;
      }
      // In the caller's own words where it is known: receipts may come from a LID.
      this.#deps.onOutcome({ messageId, status, to: tracked?.message.to ?? chat, at });
    }
  }

  async #dispatch(messageId: string, tracked: Tracked): Promise<void> {
    const { message } = tracked;
    const { settings, outlet } = this.#deps;
    if (message.messageId !== undefined && (await outlet().socket.knows(message.to, messageId))) {
      // It left before a restart: whether WhatsApp took it, its receipts will tell.
      tracked.settled.resolve();
      return;
    }
    const { maxBytes, fetchTimeoutMs, allowPrivate } = settings.media;
    const media =
      message.type === 'text' || message.media === undefined
        ? undefined
        : await fetchMedia(message.media.url, { maxBytes, timeoutMs: fetchTimeoutMs, allowPrivate });
    const { socket, auth } = outlet();
    const prepared = await socket.prepare({ messageId, body: message, media });
    auth.rememberSent(prepared.key, prepared.message);
    tracked.leaving = { prepared, socket, attempts: 1 };
    await socket.relay(prepared);
  }

  async #dispatchAgain(tracked: Tracked): Promise<void> {
    const { leaving } = tracked;
    if (leaving === undefined || tracked.status !== 'pending') return;
    const { socket } = this.#deps.outlet();
    leaving.socket = socket;
    leaving.attempts += 1;
    await socket.relay(leaving.prepared);
  }

  /** Waits for the outcome, not longer than the time-out. @throws AppError as the message failed */
  async #answer(messageId: string, tracked: Tracked): Promise<SendAnswer> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#deps.settings.ackTimeoutMs);
    });
    try {
      await Promise.race([tracked.settled.promise, timeout]);
    } finally {
      clearTimeout(timer);
    }
    tracked.answered = true;
    if (tracked.status === 'failed') throw rejection(tracked.errorCode ?? 'unknown');
    return this.#toAnswer(messageId, tracked);
  }

  #toAnswer(messageId: string, { status, at }: Tracked): SendAnswer {
    const answered = status === 'pending' ? 'pending' : 'sent';
    return { messageId, status: answered, sessionId: this.#deps.sessionId, timestamp: at.toISOString() };
  }

  #onAcknowledged(messageId: string, tracked: Tracked): void {
    if (!advances(tracked.status, 'sent')) return;
    tracked.status = 'sent';
    tracked.at = new Date();
    delete tracked.leaving;
    const { message, at } = tracked;
    this.#deps.onSent({
      messageId,
      to: message.to,
      type: message.type,
      content: (message.type === 'text' ? message.message : message.caption) ?? null,
      at,
    });
    this.#deps.onOutcome({ messageId, status: 'sent', to: message.to, at });
    // The stanza passed the write barrier: the ratchet that sent it was durable before it left.
    tracked.settled.resolve();
  }

  #onRefused(messageId: string, tracked: Tracked, errorCode: string): void {
    if (!advances(tracked.status, 'failed')) return;
    tracked.status = 'failed';
    tracked.errorCode = errorCode;
    delete tracked.leaving;
    this.#deps.onOutcome({
      messageId,
      status: 'failed',
      to: tracked.message.to,
      error: sentenceForNack(errorCode),
      errorCode,
    });
    tracked.settled.resolve();
  }

  #onFault(messageId: string, tracked: Tracked, fault: unknown): void {
    const { leaving } = tracked;
    if (leaving !== undefined && (tracked.answered || !certainlyKept(fault))) {
      // It may have left, or may still leave: the barrier can hold a frame longer than Baileys waits.
      this.#deps.log.warn(
        { messageId, reason: describeFault(fault) },
        'a message has not been confirmed yet',
      );
      leaving.socket = undefined;
      setTimeout(() => this.#resumeQuietly(), TRY_AGAIN_MS).unref();
      return;
    }
    // Nothing has left: the same id may be tried again.
    this.#tracked.delete(messageId);
    const error = toAppError(fault);
    if (tracked.answered) {
      const { message, code } = error;
      this.#deps.onOutcome({
        messageId,
        status: 'failed',
        to: tracked.message.to,
        error: message,
        errorCode: code,
      });
    }
    tracked.settled.reject(error);
  }
}

/**
 * Whether a failed relay kept the stanza. Refusals by the server and closed sockets come before it is encrypted
 * (`socket.js`, query and sendRawMessage), and so do faults in reading answers; only a time-out, or an error of
 * the transport itself, may follow it.
 */
function certainlyKept(fault: unknown): boolean {
  if (fault instanceof AppError || fault instanceof TypeError) return true;
  const { isBoom, output } = (fault ?? {}) as { isBoom?: boolean; output?: { statusCode?: number } };
  return isBoom === true && output?.statusCode !== 408;
}

function rejection(errorCode: string): AppError {
  return new AppError('MESSAGE_REJECTED', sentenceForNack(errorCode), {
    details: [{ path: 'code', message: errorCode }],
  });
}

function toAppError(fault: unknown): AppError {
  if (fault instanceof AppError) return fault;
  const { output } = (fault ?? {}) as { output?: { statusCode?: number } };
  if (output?.statusCode === 428)
    return new AppError(
      'SESSION_NOT_CONNECTED',
      'The connection to WhatsApp was lost before the message left.',
      {
        cause: fault,
      },
    );
  return new AppError('WORKER_ERROR', 'The message could not be prepared for WhatsApp. Try again.', {
    cause: fault,
  });
}
