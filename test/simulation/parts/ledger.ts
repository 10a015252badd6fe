import type { VirtualTime } from '../engine/virtual-time.ts';
import type { Trace } from './trace.ts';

/** The promises that every history is held against. */
export const INVARIANTS = [
  'one live owner',
  'no frame without a lease',
  'an epoch has one writer',
  'no superseded write is read',
  'what is receipted reaches its tenant',
  'what is acknowledged is delivered once',
  'one fact has one event id',
  'wanted sessions are connected in the end',
  'what is not wanted is not connected in the end',
  'adoption stays within capacity',
] as const;
export type Invariant = (typeof INVARIANTS)[number];

export interface Violation {
  invariant: Invariant;
  /** Milliseconds since the history began. */
  at: number;
  detail: string;
}

/** A message that a tenant wants sent. */
export interface TenantSend {
  sessionId: string;
  text: string;
  /** The tenant has been answered `sent`, or was told so later. */
  isAcknowledged: boolean;
}

/** An event that has been handed to the queue of tenants' webhooks. */
export interface ToldEvent {
  id: string;
  type: string;
  sessionId: string;
  data: Record<string, unknown>;
}

/** What onlookers have seen of a history, and which promises it has broken. */
export class Ledger {
  readonly violations: Violation[] = [];
  readonly sends = new Map<string, TenantSend>();
  /** By text, the ids under which it stands on the recipient's phone. */
  readonly delivered = new Map<string, Set<string>>();
  /** By text, the session that has receipted it. */
  readonly receipted = new Map<string, string>();
  /** Texts of received messages that tenants have been told of. */
  readonly reached = new Set<string>();
  /** By fact, the id of its event. */
  readonly #ids = new Map<string, string>();
  /** Texts by message id, so that what is told by id can be held against it. */
  readonly #textOf = new Map<string, string>();
  readonly #time: VirtualTime;
  readonly #trace: Trace;

  readonly #ignored: ReadonlySet<Invariant>;

  /** @param ignored promises that are not held against the history */
  constructor(time: VirtualTime, trace: Trace, ignored: ReadonlySet<Invariant>) {
    this.#ignored = ignored;
    this.#time = time;
    this.#trace = trace;
  }

  break(invariant: Invariant, detail: string): void {
    if (this.#ignored.has(invariant)) return;
    this.violations.push({ invariant, at: this.#time.now, detail });
    this.#trace.note(`VIOLATION ${invariant}: ${detail}`);
  }

  onReceipted(text: string, sessionId: string): void {
    this.receipted.set(text, sessionId);
  }

  onDelivered(id: string, text: string): void {
    const ids = this.delivered.get(text) ?? new Set();
    this.delivered.set(text, ids.add(id));
    this.#textOf.set(id, text);
    if (ids.size > 1)
      this.break(
        'what is acknowledged is delivered once',
        `"${text}" stands there as ${[...ids].join(' and ')}`,
      );
  }

  onTold({ id, type, sessionId, data }: ToldEvent): void {
    const messageId = String(data['messageId'] ?? data['id'] ?? '');
    if (!type.startsWith('message.')) return;
    const fact = `${sessionId} ${type} ${messageId} ${String(data['status'] ?? '')}`;
    const known = this.#ids.get(fact);
    this.#ids.set(fact, id);
    if (known !== undefined && known !== id)
      this.break('one fact has one event id', `${fact} was told as ${known} and as ${id}`);
    if (type === 'message.received') this.reached.add(String(data['content']));
    if (type === 'message.sent') this.#acknowledge(messageId, String(data['content']));
  }

  /** A tenant is told that a message is sent. */
  onAcknowledged(text: string): void {
    const send = this.sends.get(text);
    if (send !== undefined) send.isAcknowledged = true;
  }

  /**
   * At the end, once everything has had its time.
   * @param isDeleted what a tenant has deleted is told to nobody
   */
  checkMessages(isDeleted: (sessionId: string) => boolean): void {
    for (const [text, sessionId] of this.receipted)
      if (!this.reached.has(text) && !isDeleted(sessionId))
        this.break(
          'what is receipted reaches its tenant',
          `"${text}" for ${sessionId} was receipted and told to nobody`,
        );
    for (const { text, isAcknowledged } of this.sends.values())
      if (isAcknowledged && !this.delivered.has(text))
        this.break('what is acknowledged is delivered once', `"${text}" is told as sent and stands nowhere`);
  }

  #acknowledge(messageId: string, content: string): void {
    this.onAcknowledged(this.#textOf.get(messageId) ?? content);
  }
}
