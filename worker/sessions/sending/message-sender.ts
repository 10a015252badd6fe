import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { MessageStatus, SendAnswer } from '../../../shared/messages/schema.ts';
import { advances } from '../../../shared/messages/schema.ts';
import type { WorkerSend } from '../../../shared/workers/api/schema.ts';
import { waitAtMost } from '../../storage/wait-at-most.ts';
import { readContent } from '../../whatsapp/reading/read-content.ts';
import { isSameChat } from '../../whatsapp/reading/read-jid.ts';
import type { ReceiptUpdate } from '../../whatsapp/reading/read-receipt.ts';
import { isAction, type Outgoing } from '../../whatsapp/sending/build-action.ts';
import { describeFault } from '../../whatsapp/socket/describe-fault.ts';
import type {
  MessageSocket,
  PreparedMessage,
  ServerAck,
  WhatsAppSocket,
} from '../../whatsapp/socket/whatsapp-socket.ts';
import type { OutgoingMessage, SessionAuth, UnsettledMessage } from '../../whatsapp/state/session-auth.ts';
import type { RegistrySettings } from '../settings.ts';
import { ChatLanes } from './chat-lanes.ts';
import { MessageTracker, type TrackedMessage, type TrackerDeps } from './message-tracker.ts';
import { contentOf } from './outgoing-content.ts';
import type { OpenedMedia } from './outgoing-media.ts';
import {
  certainlyKept,
  LOGGED_OUT,
  NOT_ACKNOWLEDGED,
  NOT_SENT,
  refusalOf,
  rejection,
  toSendError,
} from './send-faults.ts';

/** The connection and the state that a message is sent with. */
export interface SendPath {
  socket: WhatsAppSocket;
  auth: SessionAuth;
}

export interface SenderDeps extends TrackerDeps {
  sessionId: string;
  settings: Pick<RegistrySettings, 'ackTimeoutMs'>;
  /** The file of a message; `undefined` where it has none. @throws AppError where it cannot be had */
  openMedia: (message: WorkerSend) => Promise<OpenedMedia | undefined>;
  /**
   * The connection at this moment.
   * @throws AppError where there is none
   */
  sendPath: () => Omit<SendPath, 'socket'> & { socket: MessageSocket };
  /** Called in the tick in which the message is journaled. */
  onLeaving: (message: OutgoingMessage, content: PreparedMessage['message'], body: WorkerSend) => void;
  /** The message was not sent, and the caller is told so. */
  onWithdrawn: (messageId: string) => void;
}

/** How often one process sends a message before it counts as failed, and for how long. */
const MAX_ATTEMPTS = 5;
const GIVE_UP_MS = 600_000;
const TRY_AGAIN_MS = 5_000;
const MAX_EARLIER = 2_000;

/** Baileys' own form of ids (`generics.js`, generateMessageID). */
export const newMessageId = (): string => `3EB0${randomBytes(18).toString('hex').toUpperCase()}`;

/** Sends a session's messages, each at most once as its recipient sees it, and follows their status. */
export class MessageSender {
  readonly #deps: SenderDeps;
  readonly #lanes = new ChatLanes();
  readonly #tracker: MessageTracker;
  /** How far receipts have taken messages of earlier processes. */
  readonly #earlier = new LRUCache<string, MessageStatus>({ max: MAX_EARLIER });
  #stopped = false;

  constructor(deps: SenderDeps) {
    this.#deps = deps;
    this.#tracker = new MessageTracker(deps);
  }

  /**
   * Returns `sent` once WhatsApp has acknowledged the message and the state that sent it is durable;
   * `pending` where that takes longer than the time-out, and its status follows as a report.
   */
  async send(message: Outgoing): Promise<SendAnswer> {
    const { messageId: id = newMessageId(), to, type } = message;
    const earlier = this.#tracker.find(id);
    if (earlier !== undefined) return this.#answer(earlier);
    // Refuses at once where nothing can be sent.
    this.#deps.sendPath();
    const content = contentOf(message);
    const tracked = this.#tracker.track({ id, to, type, content, at: new Date(), answered: false });
    this.#inTurn(tracked, () => this.#dispatch(tracked, message)).catch((fault) =>
      this.#onFault(tracked, fault),
    );
    return this.#answer(tracked);
  }

  onAck({ messageId, errorCode }: ServerAck): void {
    const tracked = this.#tracker.find(messageId);
    if (tracked === undefined) return;
    if (errorCode === undefined) this.#tracker.acknowledge(tracked);
    else this.#tracker.fail(tracked, refusalOf(errorCode));
  }

  /**
   * Takes over what an earlier owner was sending when it ended: the next connection sends it under its id.
   */
  restore({ message, content }: UnsettledMessage): void {
    if (this.#tracker.find(message.id) !== undefined) return;
    const text = content === undefined ? null : (readContent(content)?.content ?? null);
    const tracked = this.#tracker.track({ ...message, content: text, answered: true });
    if (content === undefined) {
      this.#tracker.fail(tracked, NOT_SENT);
      // Nothing was sent, so the same id may be tried again.
      this.#tracker.forget(tracked);
    } else {
      const prepared = { key: { id: message.id, remoteJid: message.to, fromMe: true }, message: content };
      this.#tracker.take(tracked, { prepared, socket: undefined, attempts: 1 });
    }
  }

  /**
   * On a new connection, sends again what an earlier one took and WhatsApp never acknowledged, under its id,
   * as WhatsApp's own clients do. Recipients recognise a repeated message by its id.
   */
  resume(): void {
    const { socket } = this.#deps.sendPath();
    for (const tracked of this.#tracker.pending()) {
      const { leaving } = tracked;
      if (leaving === undefined || leaving.socket === socket) continue;
      if (leaving.attempts < MAX_ATTEMPTS) this.#sendAgain(tracked);
      else if (Date.now() - tracked.at.getTime() > GIVE_UP_MS) this.#tracker.fail(tracked, NOT_ACKNOWLEDGED);
    }
  }

  /** The account is no longer linked, so unconfirmed messages never will be confirmed. */
  giveUp(): void {
    for (const tracked of this.#tracker.pending()) this.#tracker.fail(tracked, LOGGED_OUT);
  }

  /**
   * Nothing more will be heard here: waiting callers are told `pending`, and the next owner sends the
   * message.
   */
  stop(): void {
    this.#stopped = true;
    for (const tracked of this.#tracker.pending()) {
      if (!tracked.answered) this.#tracker.promise(tracked);
      tracked.settled.resolve();
    }
  }

  /** Nothing more is written here: what was not ready to be sent has failed, and may be tried elsewhere. */
  abandon(): void {
    for (const { leaving, settled } of this.#tracker.pending()) {
      if (leaving === undefined) settled.reject(moving());
      else settled.resolve();
    }
  }

  /**
   * Resolves once none of it can be lost, so that WhatsApp may forget the receipt. Anybody can write a receipt with any
   * ids in it: those count that this session sent to that chat.
   */
  async onReceipt({ messageIds, status, chat, at }: ReceiptUpdate): Promise<void> {
    const reports: Promise<void>[] = [];
    for (const messageId of messageIds) {
      const tracked = this.#tracker.find(messageId);
      const to = this.#addressee(messageId, tracked, chat);
      if (to === undefined) continue;
      if (tracked !== undefined) {
        if (!advances(tracked.status, status)) continue;
        // The recipient's receipt proves that the server took the message: the acknowledgement may come
        // later, or never.
        this.#tracker.acknowledge(tracked);
        tracked.status = status;
      } else if (!this.#advancesEarlier(messageId, status)) continue;
      reports.push(this.#deps.onOutcome({ messageId, status, to, at }));
    }
    await Promise.all(reports);
  }

  /** The message's chat by the caller's name for it; `undefined` where the receipt's is another, or nothing is known. */
  #addressee(messageId: string, tracked: TrackedMessage | undefined, chat: string): string | undefined {
    const auth = this.#deps.auth();
    const known = tracked === undefined ? auth?.outgoing.chatOf(messageId) : { jid: tracked.to };
    if (known === undefined) return undefined;
    const { jid } = known;
    if (jid === undefined) return chat;
    return isSameChat(jid, chat, (name) => auth?.lidOf(name)) ? jid : undefined;
  }

  /** Of what an earlier process sent: a receipt that says nothing new is told of once. */
  #advancesEarlier(messageId: string, status: MessageStatus): boolean {
    const before = this.#earlier.get(messageId);
    if (before !== undefined && !advances(before, status)) return false;
    this.#earlier.set(messageId, status);
    return true;
  }

  /** Runs in its turn within its chat. It also rejects where too much waits. */
  async #inTurn(tracked: TrackedMessage, work: () => Promise<void>): Promise<void> {
    await this.#lanes.run(tracked.to, work);
  }

  async #dispatch(tracked: TrackedMessage, message: Outgoing): Promise<void> {
    const { sendPath } = this.#deps;
    const { id: messageId, to, type, at } = tracked;
    if (message.messageId !== undefined && (await sendPath().socket.knows(to, messageId))) {
      // It is no longer on its way, so WhatsApp acknowledged it before a restart.
      tracked.status = 'sent';
      tracked.settled.resolve();
      return;
    }
    const media = isAction(message) ? undefined : await this.#deps.openMedia(message);
    const { socket, auth } = this.#wayOut(media);
    const prepared = await socket
      .prepare({ messageId, body: message, media })
      .finally(() => media?.release());
    this.#tracker.journal(auth, tracked, { prepared, socket, attempts: 1 });
    // A change of a message does not count as a message.
    if (!isAction(message) && message.type !== 'reaction')
      this.#deps.onLeaving({ id: messageId, to, type, at }, prepared.message, message);
    await socket.relay(prepared);
  }

  /** @throws AppError where there is none any more */
  #wayOut(media: OpenedMedia | undefined) {
    try {
      return this.#deps.sendPath();
    } catch (error) {
      media?.release();
      throw error;
    }
  }

  #sendAgain(tracked: TrackedMessage): void {
    this.#deps.log.info({ messageId: tracked.id }, 'a message without acknowledgement leaves again');
    this.#inTurn(tracked, async () => {
      const { leaving } = tracked;
      if (leaving === undefined || tracked.status !== 'pending') return;
      const { socket, auth } = this.#deps.sendPath();
      leaving.socket = socket;
      leaving.attempts += 1;
      this.#tracker.journal(auth, tracked, leaving);
      await socket.relay(leaving.prepared);
      // It may have been sent before, whatever holds it back now.
    }).catch((fault) => this.#awaitAnother(tracked, fault));
  }

  /**
   * Waits for the outcome, at most for the time-out.
   * @throws AppError as the message failed
   */
  async #answer(tracked: TrackedMessage): Promise<SendAnswer> {
    await waitAtMost(this.#deps.settings.ackTimeoutMs, tracked.settled.promise);
    if (tracked.status === 'pending' && !tracked.answered) await this.#tracker.promiseDurably(tracked);
    tracked.answered = true;
    if (tracked.failure !== undefined) throw rejection(tracked.failure);
    const { id: messageId, at } = tracked;
    const status = tracked.status === 'pending' ? 'pending' : 'sent';
    return { messageId, status, sessionId: this.#deps.sessionId, timestamp: at.toISOString() };
  }

  async #onFault(tracked: TrackedMessage, fault: unknown): Promise<void> {
    // The next owner continues with what is journaled.
    if (this.#stopped) return;
    const { leaving } = tracked;
    // It must not be sent while it is being withdrawn.
    delete tracked.leaving;
    if (leaving !== undefined) {
      const kept = !tracked.answered && certainlyKept(fault) && (await this.#tracker.withdraw(tracked));
      if (!kept) {
        tracked.leaving = leaving;
        return this.#awaitAnother(tracked, fault);
      }
      this.#deps.onWithdrawn(tracked.id);
    }
    const error = toSendError(fault, tracked.to);
    // What was reported as failed stays failed; otherwise nothing was sent, and the same id may be tried
    // again.
    if (tracked.answered) this.#tracker.fail(tracked, { code: error.code, sentence: error.message });
    else this.#tracker.forget(tracked);
    tracked.settled.reject(error);
  }

  /** It may have been sent, or may still be: the barrier can hold a frame longer than Baileys waits. */
  #awaitAnother(tracked: TrackedMessage, fault: unknown): void {
    const { leaving } = tracked;
    if (this.#stopped || leaving === undefined || tracked.status !== 'pending') return;
    const reason = describeFault(fault);
    this.#deps.log.warn({ messageId: tracked.id, reason }, 'a message has not been confirmed yet');
    tracked.leaving = { ...leaving, socket: undefined };
    // Its withdrawal may not have become durable.
    this.#tracker.keep(tracked);
    setTimeout(() => this.#resumeQuietly(), TRY_AGAIN_MS).unref();
  }

  #resumeQuietly(): void {
    try {
      this.resume();
    } catch {
      // Not connected: the next connection continues.
    }
  }
}

const moving = () =>
  new AppError('SESSION_MOVING', 'The session has moved before the message left. Try again.');
