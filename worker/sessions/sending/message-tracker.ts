import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { MessageStatus } from '../../../shared/messages/schema.ts';
import { advances } from '../../../shared/messages/schema.ts';
import { waitAtMost } from '../../storage/wait-at-most.ts';
import type { PlainChange } from '../../whatsapp/reading/read-change.ts';
import { changeIn } from '../../whatsapp/reading/read-content.ts';
import { describeFault } from '../../whatsapp/socket/describe-fault.ts';
import type { MessageSocket, PreparedMessage } from '../../whatsapp/socket/whatsapp-socket.ts';
import type { SessionAuth } from '../../whatsapp/state/session-auth.ts';
import type { MessageOutcome, SentMessage } from '../reporting/session-reports.ts';
import type { SendFailure } from './send-faults.ts';

export interface TrackerDeps {
  log: Logger;
  /** The session's durable state, while it is open. */
  auth: () => Pick<SessionAuth, 'outgoing' | 'barrier' | 'fault' | 'lidOf'> | undefined;
  /** Resolves when the report of it cannot be lost any more. */
  onOutcome: (outcome: MessageOutcome) => Promise<void>;
  onSent: (sent: SentMessage) => void;
}

/** A message that is being sent, or whose outcome is known. */
export interface TrackedMessage {
  readonly id: string;
  readonly to: string;
  readonly type: string;
  readonly content: string | null;
  /** The change of an earlier message, where it is one. */
  change?: PlainChange | undefined;
  status: MessageStatus;
  at: Date;
  failure?: SendFailure;
  /** The caller was told `pending`, so the outcome must be reported. */
  answered: boolean;
  /** What was sent, while its acknowledgement is awaited. */
  leaving?: Leaving;
  /** Rejects where nothing was sent. */
  readonly settled: PromiseWithResolvers<void>;
}

export interface Leaving {
  prepared: PreparedMessage;
  /** The socket that sent it last; absent where none in this process did. */
  socket: MessageSocket | undefined;
  attempts: number;
}

const MAX_TRACKED = 10_000;
/** How much longer than WhatsApp's acknowledgement an answer may wait for storage. */
const STORAGE_WAIT_MS = 2_000;

/**
 * The status of each message of a session: kept in its journal while that is open, reported as it changes.
 */
export class MessageTracker {
  readonly #deps: TrackerDeps;
  readonly #tracked = new LRUCache<string, TrackedMessage>({ max: MAX_TRACKED });

  constructor(deps: TrackerDeps) {
    this.#deps = deps;
  }

  find(messageId: string): TrackedMessage | undefined {
    return this.#tracked.peek(messageId);
  }

  /** Messages without an outcome, oldest first, so that chats keep their order. */
  pending(): TrackedMessage[] {
    return [...this.#tracked.values()].filter(({ status }) => status === 'pending').reverse();
  }

  track(message: Omit<TrackedMessage, 'status' | 'settled'>): TrackedMessage {
    const tracked: TrackedMessage = { ...message, status: 'pending', settled: Promise.withResolvers() };
    // Nobody may be waiting any more when it fails.
    tracked.settled.promise.catch(() => undefined);
    this.#tracked.set(tracked.id, tracked);
    return tracked;
  }

  /** Frees its id. */
  forget({ id }: TrackedMessage): void {
    this.#tracked.delete(id);
  }

  /**
   * Journals a message that is ready to be sent, in one write with the state that sends it.
   * @throws where the journal takes nothing
   */
  journal({ outgoing }: Pick<SessionAuth, 'outgoing'>, tracked: TrackedMessage, leaving: Leaving): void {
    outgoing.add(entryOf(tracked), leaving.prepared.message);
    this.take(tracked, leaving);
  }

  /** Notes what is sent, or was sent by an earlier process. */
  take(tracked: TrackedMessage, leaving: Leaving): void {
    tracked.leaving = leaving;
    tracked.change = changeIn(leaving.prepared.message);
  }

  /** Journals what is known of it; it may have been sent already, so nothing is thrown. */
  keep(tracked: TrackedMessage): void {
    try {
      this.#deps.auth()?.outgoing.add(entryOf(tracked), tracked.leaving?.prepared.message);
    } catch (fault) {
      const reason = describeFault(fault);
      this.#deps.log.warn({ messageId: tracked.id, reason }, 'a promise could not be written down');
    }
  }

  /**
   * A message that is answered as pending gets an outcome, even when this process ends before it is ready.
   */
  promise(tracked: TrackedMessage): void {
    if (tracked.leaving === undefined) this.keep(tracked);
    tracked.answered = true;
  }

  /** Promises an outcome, and resolves once the promise is durable, as far as storage answers in time. */
  async promiseDurably(tracked: TrackedMessage): Promise<void> {
    this.promise(tracked);
    const auth = this.#deps.auth();
    if (auth === undefined || auth.fault !== undefined) return;
    await waitAtMost(
      STORAGE_WAIT_MS,
      auth.barrier().catch(() => undefined),
    );
  }

  /** WhatsApp's server has it. */
  acknowledge(tracked: TrackedMessage): void {
    if (!advances(tracked.status, 'sent')) return;
    const { id: messageId, to, type, content, change } = tracked;
    tracked.status = 'sent';
    tracked.at = new Date();
    delete tracked.leaving;
    // Settled in one tick with its reports: they are durable together, or the next owner sends it again.
    this.#deps.auth()?.outgoing.settle(messageId);
    this.#deps.onSent({ messageId, to, type, content, at: tracked.at, change });
    void this.#deps.onOutcome({ messageId, status: 'sent', to, at: tracked.at });
    // The stanza passed the write barrier: the ratchet that sent it was durable before it left.
    tracked.settled.resolve();
  }

  fail(tracked: TrackedMessage, failure: SendFailure): void {
    if (!advances(tracked.status, 'failed')) return;
    const { id: messageId, to } = tracked;
    const { code, sentence } = failure;
    tracked.status = 'failed';
    tracked.failure = failure;
    delete tracked.leaving;
    this.#deps.auth()?.outgoing.withdraw(messageId);
    void this.#deps.onOutcome({ messageId, status: 'failed', to, error: sentence, errorCode: code });
    tracked.settled.resolve();
  }

  /** Returns whether it is certain that no later owner sends it. */
  async withdraw({ id }: TrackedMessage): Promise<boolean> {
    const auth = this.#deps.auth();
    if (auth === undefined) return false;
    auth.outgoing.withdraw(id);
    const durable = auth.barrier().then(
      () => true,
      () => false,
    );
    return (await waitAtMost(STORAGE_WAIT_MS, durable)) === true;
  }
}

const entryOf = ({ id, to, type, at }: TrackedMessage) => ({ id, to, type, at });
