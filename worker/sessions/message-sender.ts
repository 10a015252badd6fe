import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { AppError } from '../../shared/errors/app-error.ts';
import type { MessageStatus, SendAnswer } from '../../shared/messages/schema.ts';
import { advances } from '../../shared/messages/status-order.ts';
import type { WorkerSend } from '../../shared/worker-api/schema.ts';
import type { OutgoingMessage, SessionAuth, UnsettledMessage } from '../whatsapp/auth/session-auth.ts';
import { describeFault } from '../whatsapp/describe-fault.ts';
import type { FetchedMedia } from '../whatsapp/fetch-media.ts';
import { isAction, type Outgoing } from '../whatsapp/message-action.ts';
import { readContent } from '../whatsapp/read-content.ts';
import type { ReceiptUpdate } from '../whatsapp/read-receipt.ts';
import type {
  MessageSocket,
  PreparedMessage,
  ServerAck,
  WhatsAppSocket,
} from '../whatsapp/whatsapp-socket.ts';
import { ChatLanes } from './chat-lanes.ts';
import {
  certainlyKept,
  LOGGED_OUT,
  NOT_ACKNOWLEDGED,
  NOT_SENT,
  refusalOf,
  rejection,
  type SendFailure,
  toSendError,
} from './send-faults.ts';
import type { MessageOutcome, SentMessage } from './session-reports.ts';
import type { RegistrySettings } from './settings.ts';

/** The connection a message leaves through. */
export interface Outlet {
  socket: WhatsAppSocket;
  auth: SessionAuth;
}

export interface SenderDeps {
  sessionId: string;
  settings: Pick<RegistrySettings, 'ackTimeoutMs'>;
  log: Logger;
  /** The file of a message; `undefined` where it has none. @throws AppError where it cannot be had */
  openMedia: (message: WorkerSend) => Promise<FetchedMedia | undefined>;
  /** The way out at this moment. @throws AppError where there is none */
  outlet: () => Omit<Outlet, 'socket'> & { socket: MessageSocket };
  /** The session's durable state, while it is open. */
  auth: () => Pick<SessionAuth, 'outgoing' | 'barrier' | 'fault'> | undefined;
  /** In the tick in which it is journaled. */
  onLeaving: (message: OutgoingMessage, content: PreparedMessage['message'], body: WorkerSend) => void;
  /** It has not left, and the caller is told so. */
  onWithdrawn: (messageId: string) => void;
  /** Resolves when the report of it can be lost no more. */
  onOutcome: (outcome: MessageOutcome) => Promise<void>;
  onSent: (sent: SentMessage) => void;
}

interface Tracked {
  to: string;
  type: string;
  content: string | null;
  status: MessageStatus;
  at: Date;
  failure?: SendFailure;
  /** The caller has been told that it is pending: what comes of it is reported. */
  answered: boolean;
  /** What left, while its acknowledgement is awaited, and through which socket. */
  leaving?: Leaving;
  settled: PromiseWithResolvers<void>;
}

interface Leaving {
  prepared: PreparedMessage;
  socket: MessageSocket | undefined;
  attempts: number;
}

const MAX_TRACKED = 10_000;
/** How often one process sends a message; after it, and after so long, it counts as failed. */
const MAX_ATTEMPTS = 5;
const GIVE_UP_MS = 600_000;
const TRY_AGAIN_MS = 5_000;
/** How much longer than WhatsApp's acknowledgement an answer may wait for storage. */
const STORAGE_WAIT_MS = 2_000;

/** Baileys' own form of ids (`generics.js`, generateMessageID). */
export const newMessageId = (): string => `3EB0${randomBytes(18).toString('hex').toUpperCase()}`;

/** Sends a session's messages, each at most once as its recipient sees it, and follows what becomes of them. */
export class MessageSender {
  readonly #deps: SenderDeps;
  readonly #lanes = new ChatLanes();
  readonly #tracked = new LRUCache<string, Tracked>({ max: MAX_TRACKED });

  #stopped = false;

  constructor(deps: SenderDeps) {
    this.#deps = deps;
  }

  /**
   * `sent` once WhatsApp has acknowledged the message and the state that sent it is durable; `pending` where
   * that takes longer than the time-out, and its status follows as a report.
   */
  async send(message: Outgoing): Promise<SendAnswer> {
    const messageId = message.messageId ?? newMessageId();
    const earlier = this.#tracked.peek(messageId);
    if (earlier !== undefined) return this.#answer(messageId, earlier);
    // Refuses at once where there is no way out.
    this.#deps.outlet();
    const { to, type } = message;
    const content = contentOf(message);
    const tracked = this.#track(messageId, { to, type, content, at: new Date(), answered: false });
    this.#lanes
      .run(to, () => this.#dispatch(messageId, tracked, message))
      .catch((fault) => this.#onFault(messageId, tracked, fault));
    return this.#answer(messageId, tracked);
  }

  onAck({ messageId, errorCode }: ServerAck): void {
    const tracked = this.#tracked.peek(messageId);
    if (tracked === undefined) return;
    if (errorCode === undefined) this.#onAcknowledged(messageId, tracked);
    else this.#fail(messageId, tracked, refusalOf(errorCode));
  }

  /** What an earlier owner was sending when it ended: the next connection sends it, under its id. */
  restore({ message, content }: UnsettledMessage): void {
    const { id, to, type, at } = message;
    if (this.#tracked.peek(id) !== undefined) return;
    const text = content === undefined ? null : (readContent(content)?.content ?? null);
    const tracked = this.#track(id, { to, type, content: text, at, answered: true });
    if (content === undefined) {
      this.#fail(id, tracked, NOT_SENT);
      // Nothing has left: the same id may be tried again.
      this.#tracked.delete(id);
    } else {
      const prepared = { key: { id, remoteJid: to, fromMe: true }, message: content };
      tracked.leaving = { prepared, socket: undefined, attempts: 1 };
    }
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
      if (leaving.attempts < MAX_ATTEMPTS) this.#sendAgain(messageId, tracked);
      else if (Date.now() - tracked.at.getTime() > GIVE_UP_MS)
        this.#fail(messageId, tracked, NOT_ACKNOWLEDGED);
    }
  }

  /** The account is not linked any more: what has not been confirmed never will be. */
  giveUp(): void {
    for (const [messageId, tracked] of [...this.#tracked.entries()]) {
      if (tracked.status === 'pending') this.#fail(messageId, tracked, LOGGED_OUT);
    }
  }

  /** Nothing more will be heard here: whoever waits is told that it is pending, which the next owner makes good. */
  stop(): void {
    this.#stopped = true;
    for (const [messageId, tracked] of this.#tracked.entries()) {
      if (tracked.status === 'pending' && !tracked.answered) this.#writeDown(messageId, tracked);
      tracked.answered = true;
      tracked.settled.resolve();
    }
  }

  /** Nothing more is written here either: what was not ready to leave has failed, and may be tried elsewhere. */
  abandon(): void {
    for (const { status, leaving, settled } of this.#tracked.values()) {
      if (status === 'pending' && leaving === undefined) settled.reject(moving());
      else settled.resolve();
    }
  }

  /** Resolves once nothing of it can be lost any more: WhatsApp may forget the receipt. */
  async onReceipt({ messageIds, status, chat, at }: ReceiptUpdate): Promise<void> {
    const reports: Promise<void>[] = [];
    for (const messageId of messageIds) {
      const tracked = this.#tracked.peek(messageId);
      if (tracked !== undefined) {
        if (!advances(tracked.status, status)) continue;
        // Who can deliver a message has taken it: the acknowledgement itself may come later, or never.
        this.#onAcknowledged(messageId, tracked);
        tracked.status = status;
      }
      // In the caller's own words where it is known: receipts may come from a LID.
      reports.push(this.#deps.onOutcome({ messageId, status, to: tracked?.to ?? chat, at }));
    }
    await Promise.all(reports);
  }

  #track(messageId: string, of: Omit<Tracked, 'status' | 'settled'>): Tracked {
    const tracked: Tracked = { ...of, status: 'pending', settled: Promise.withResolvers() };
    // Nobody may be waiting any more when it fails.
    tracked.settled.promise.catch(() => undefined);
    this.#tracked.set(messageId, tracked);
    return tracked;
  }

  async #dispatch(messageId: string, tracked: Tracked, message: Outgoing): Promise<void> {
    const { outlet } = this.#deps;
    if (message.messageId !== undefined && (await outlet().socket.knows(message.to, messageId))) {
      // It is not on its way any more, so WhatsApp acknowledged it before a restart.
      tracked.status = 'sent';
      tracked.settled.resolve();
      return;
    }
    const media = isAction(message) ? undefined : await this.#deps.openMedia(message);
    const { socket, auth } = outlet();
    const prepared = await socket.prepare({ messageId, body: message, media });
    auth.outgoing.add(outgoing(messageId, tracked), prepared.message);
    // What is said about a message is none itself.
    if (!isAction(message) && message.type !== 'reaction')
      this.#deps.onLeaving(outgoing(messageId, tracked), prepared.message, message);
    tracked.leaving = { prepared, socket, attempts: 1 };
    await socket.relay(prepared);
  }

  #sendAgain(messageId: string, tracked: Tracked): void {
    this.#deps.log.info({ messageId }, 'a message without acknowledgement leaves again');
    this.#lanes
      .run(tracked.to, async () => {
        const { leaving } = tracked;
        if (leaving === undefined || tracked.status !== 'pending') return;
        const { socket, auth } = this.#deps.outlet();
        leaving.socket = socket;
        leaving.attempts += 1;
        auth.outgoing.add(outgoing(messageId, tracked), leaving.prepared.message);
        await socket.relay(leaving.prepared);
      })
      .catch((fault) => this.#onFault(messageId, tracked, fault));
  }

  /** Waits for the outcome, not longer than the time-out. @throws AppError as the message failed */
  async #answer(messageId: string, tracked: Tracked): Promise<SendAnswer> {
    await within(this.#deps.settings.ackTimeoutMs, tracked.settled.promise);
    if (tracked.status === 'pending' && !tracked.answered) await this.#promise(messageId, tracked);
    tracked.answered = true;
    if (tracked.failure !== undefined) throw rejection(tracked.failure);
    const status = tracked.status === 'pending' ? 'pending' : 'sent';
    return { messageId, status, sessionId: this.#deps.sessionId, timestamp: tracked.at.toISOString() };
  }

  /** What is answered as pending has an outcome, also when this process ends before the message is ready. */
  async #promise(messageId: string, tracked: Tracked): Promise<void> {
    this.#writeDown(messageId, tracked);
    const auth = this.#deps.auth();
    if (auth === undefined || auth.fault !== undefined) return;
    const durable = auth.barrier().catch(() => undefined);
    await within(STORAGE_WAIT_MS, durable);
  }

  #writeDown(messageId: string, tracked: Tracked): void {
    if (tracked.leaving === undefined) this.#keep(messageId, tracked);
  }

  #keep(messageId: string, tracked: Tracked, prepared?: PreparedMessage): void {
    try {
      this.#deps.auth()?.outgoing.add(outgoing(messageId, tracked), prepared?.message);
    } catch (fault) {
      this.#deps.log.warn({ messageId, reason: describeFault(fault) }, 'a promise could not be written down');
    }
  }

  #onAcknowledged(messageId: string, tracked: Tracked): void {
    if (!advances(tracked.status, 'sent')) return;
    const { to, type, content } = tracked;
    tracked.status = 'sent';
    tracked.at = new Date();
    delete tracked.leaving;
    // In one tick with its reports: they are durable together, or the next owner sends it again.
    this.#deps.auth()?.outgoing.settle(messageId);
    this.#deps.onSent({ messageId, to, type, content, at: tracked.at });
    void this.#deps.onOutcome({ messageId, status: 'sent', to, at: tracked.at });
    // The stanza passed the write barrier: the ratchet that sent it was durable before it left.
    tracked.settled.resolve();
  }

  #fail(messageId: string, tracked: Tracked, failure: SendFailure): void {
    if (!advances(tracked.status, 'failed')) return;
    tracked.status = 'failed';
    tracked.failure = failure;
    this.#reportFailure(messageId, tracked, failure);
    tracked.settled.resolve();
  }

  #reportFailure(messageId: string, tracked: Tracked, { code, sentence }: SendFailure): void {
    const { to } = tracked;
    delete tracked.leaving;
    this.#deps.auth()?.outgoing.withdraw(messageId);
    void this.#deps.onOutcome({ messageId, status: 'failed', to, error: sentence, errorCode: code });
  }

  async #onFault(messageId: string, tracked: Tracked, fault: unknown): Promise<void> {
    // What is written down is the next owner's.
    if (this.#stopped) return;
    const { leaving } = tracked;
    // While it is being withdrawn it must not leave.
    delete tracked.leaving;
    if (leaving !== undefined) {
      const kept = !tracked.answered && certainlyKept(fault) && (await this.#withdraw(messageId));
      if (!kept) return this.#awaitAnother(messageId, tracked, leaving, fault);
      this.#deps.onWithdrawn(messageId);
    }
    // Nothing has left: the same id may be tried again.
    this.#tracked.delete(messageId);
    const error = toSendError(fault);
    if (tracked.answered)
      this.#reportFailure(messageId, tracked, { code: error.code, sentence: error.message });
    tracked.settled.reject(error);
  }

  /** It may have left, or may still leave: the barrier can hold a frame longer than Baileys waits. */
  #awaitAnother(messageId: string, tracked: Tracked, leaving: Leaving, fault: unknown): void {
    if (tracked.status !== 'pending') return;
    this.#deps.log.warn({ messageId, reason: describeFault(fault) }, 'a message has not been confirmed yet');
    tracked.leaving = { ...leaving, socket: undefined };
    // Withdrawing it may not have become durable.
    this.#keep(messageId, tracked, leaving.prepared);
    setTimeout(() => this.#resumeQuietly(), TRY_AGAIN_MS).unref();
  }

  /** Whether it is certain that no later owner sends it. */
  async #withdraw(messageId: string): Promise<boolean> {
    const auth = this.#deps.auth();
    if (auth === undefined) return false;
    auth.outgoing.withdraw(messageId);
    const durable = auth.barrier().then(
      () => true,
      () => false,
    );
    return (await within(STORAGE_WAIT_MS, durable)) === true;
  }

  #resumeQuietly(): void {
    try {
      this.resume();
    } catch {
      // Not connected: the next connection resumes.
    }
  }
}

/** In the words of `readContent`, which says the same of what was sent before a restart. */
function contentOf(message: Outgoing): string | null {
  switch (message.type) {
    case 'text':
    case 'edit':
      return message.message ?? null;
    case 'revoke':
      return null;
    case 'reaction':
      return message.reaction?.emoji ?? null;
    case 'poll':
      return message.poll?.question ?? null;
    case 'contact':
      return message.contact?.name ?? null;
    default:
      return message.caption ?? null;
  }
}

const moving = () =>
  new AppError('SESSION_MOVING', 'The session has moved before the message left. Try again.');

const outgoing = (id: string, { to, type, at }: Tracked) => ({ id, to, type, at });

/** `undefined` after `timeoutMs`. */
async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), timeoutMs);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
