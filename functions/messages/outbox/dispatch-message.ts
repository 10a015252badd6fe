import type { ErrorCode } from '../../../shared/errors/error-codes.ts';
import type { LineEntry, OutboxItem } from '../../../shared/messages/outbox/outbox-item.ts';
import type { SendAnswer } from '../../../shared/messages/schema.ts';
import { backOffMs } from '../../../shared/retry/back-off.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import { parseText } from '../../../shared/text/text.ts';
import type { Deps } from '../../deps.ts';
import { advanceMessage } from '../../usage/advance-message.ts';
import { hop } from '../../workers/calls/hop.ts';
import { Handing, handOver } from '../sending/handing.ts';
import { noteOutcome } from '../sending/note-outcome.ts';
import { toFailure } from '../sending/send-failure.ts';
import { isOut } from './end-message.ts';
import { failMessage } from './fail-message.ts';
import { LOOK_AGAIN } from './keep-pending.ts';

/**
 * `done`: its place in line is free; `moved`: it has a later place; `wait`: the session sends nothing before
 * `until`.
 */
export type Dispatch = { outcome: 'done' | 'moved' } | { outcome: 'wait'; until: number };

const DONE: Dispatch = { outcome: 'done' };

/** Longer than a dispatcher runs after claiming a message. */
export const CLAIM_MS = 60_000;
/** Hand-overs in a row without any answer: the message itself may be what crashes its workers. */
const MAX_SILENCES = 5;

/**
 * Refusals that concern the session and not the message: everything in its line waits. Values are
 * milliseconds until the next try.
 */
const SESSION_TROUBLE: Readonly<Partial<Record<ErrorCode, number>>> = {
  SESSION_NOT_CONNECTED: 60_000,
  SESSION_MOVING: 5_000,
  WORKER_UNREACHABLE: 10_000,
  STORAGE_UNAVAILABLE: 10_000,
  WORKER_BUSY: 5_000,
  RATE_LIMITED: 5_000,
};

/** The worker's own report has told it already. */
const REPORTED: readonly ErrorCode[] = ['MESSAGE_REJECTED'];

/** The record stays pending until a report says more. */
async function giveUp(deps: Deps, item: OutboxItem): Promise<Dispatch> {
  const { userId, sessionId, messageId, to, type } = item;
  const at = new Date(deps.now()).toISOString();
  await advanceMessage(deps, { userId, sessionId, messageId, to, type, status: 'pending', at });
  await deps.stores.outbox.finish(item, { status: 'sent' });
  return DONE;
}

/**
 * A worker may have the message: its place in line is freed, and it is handed over again later under the same
 * id.
 * @param told `pending` where the worker has confirmed that it has the message
 */
async function lookAgain(
  deps: Deps,
  item: OutboxItem,
  entry: LineEntry,
  told: 'pending' | 'nothing',
): Promise<Dispatch> {
  const { sessionId, looks = 0, silences = 0 } = item;
  const silent = told === 'nothing' ? silences + 1 : 0;
  if (silent >= MAX_SILENCES) return await giveUp(deps, item);
  await deps.stores.outbox.keep(item, silent);
  const dueAt = new Date(deps.now() + backOffMs(LOOK_AGAIN, looks)).toISOString();
  await deps.stores.outbox.moveBack(sessionId, entry, dueAt);
  return { outcome: 'moved' };
}

/**
 * The record is written before the worker can report: reports lack the message's type, and counts are by
 * type.
 */
async function beginRecord(deps: Deps, { sessionId, messageId, to, type }: OutboxItem): Promise<void> {
  const at = new Date(deps.now()).toISOString();
  await deps.stores.messages.advance({ sessionId, messageId, to, type, status: 'pending', at });
}

/** It is counted once, under the id that reports use: other workers may choose ids of their own. */
async function recordSent(deps: Deps, item: OutboxItem, told: Partial<SendAnswer>): Promise<void> {
  const { userId, sessionId, messageId, to, type } = item;
  const { status = 'sent' } = told;
  const step = { sessionId, to, type, status, at: new Date(deps.now()).toISOString() };
  const reportedId = told.messageId ?? messageId;
  await noteOutcome(deps, { ...step, messageId }, async () => {
    await advanceMessage(deps, { ...step, userId, messageId: reportedId });
    if (reportedId !== messageId) await deps.stores.messages.advance({ ...step, messageId });
  });
}

/**
 * Sends one message that is due. The claim is one conditional write; after it, the worker gets the same id on
 * every hand-over and drops what it already has.
 */
export async function dispatchMessage(
  deps: Deps,
  session: SessionItem & { workerEndpoint: string },
  waiting: OutboxItem,
  entry: LineEntry,
): Promise<Dispatch> {
  const { outbox } = deps.stores;
  const { sessionId, epoch, workerEndpoint: endpoint } = session;
  const { messageId } = waiting;
  const claimed = await outbox.claim(waiting, new Date(deps.now() + CLAIM_MS).toISOString());
  if (claimed === undefined) return { outcome: 'wait', until: deps.now() + 1_000 };
  if (waiting.attempts > 0 && (await isOut(deps, waiting))) {
    await outbox.finish(claimed, { status: 'sent' });
    return DONE;
  }
  if (waiting.attempts === 0) await beginRecord(deps, waiting);
  const handed = await outbox.readBody(claimed);
  // It has expired: the table removes its items one by one.
  if (handed === undefined) return await giveUp(deps, claimed);
  const handing = Handing.parse(parseText(handed));
  const client = deps.workers({ endpoint, requestId: messageId });
  const answer = await hop(handOver({ client, sessionId, messageId, epoch }, handing));
  if (answer.outcome === 'unknown') return await lookAgain(deps, claimed, entry, 'nothing');
  if (answer.outcome === 'answered') {
    if (answer.status === 202) return await lookAgain(deps, claimed, entry, 'pending');
    await recordSent(deps, waiting, answer.data);
    await outbox.finish(claimed, { status: 'sent' });
    return DONE;
  }
  const failure = toFailure(answer);
  if (failure === undefined || !failure.isFinal) return await lookAgain(deps, claimed, entry, 'nothing');
  const { code, message, retryAfterS } = failure.error;
  const pause = SESSION_TROUBLE[code];
  if (pause !== undefined) {
    await outbox.release(claimed, waiting);
    return { outcome: 'wait', until: deps.now() + Math.max(pause, (retryAfterS ?? 0) * 1_000) };
  }
  const { errorCode } = failure;
  await failMessage(deps, session, claimed, { error: message, errorCode }, REPORTED.includes(code));
  return DONE;
}
