import type { ErrorCode } from '../../shared/errors/error-codes.ts';
import { type SendAnswer, SendBody } from '../../shared/messages/schema.ts';
import type { LineEntry, OutboxItem } from '../../shared/outbox/outbox-item.ts';
import { type SessionItem, tellsWebhooks } from '../../shared/sessions/session-item.ts';
import { enqueueWebhookEvents } from '../delivery/enqueue-webhook-event.ts';
import type { Deps } from '../deps.ts';
import { toFailure } from '../messages/send-failure.ts';
import { advanceMessage } from '../usage/advance-message.ts';
import { hop } from '../workers/hop.ts';

/** `done`: its place in line is free; `moved`: it has a later one; `wait`: this session sends nothing before `until`. */
export type Dispatch = { outcome: 'done' | 'moved' } | { outcome: 'wait'; until: number };

const DONE: Dispatch = { outcome: 'done' };

/** WhatsApp is given 20 s by the worker; a hop beyond that has lost its answer. */
export const SEND_TIMEOUT_MS = 23_000;
/** Longer than any dispatcher runs after its claim. */
export const CLAIM_MS = 60_000;
/** So often a message is handed over without learning what became of it. */
const MAX_ATTEMPTS = 5;
const MOVE_BACK_MS = 60_000;

/** The session's trouble, not the message's: it waits, and all behind it. Milliseconds until the next try. */
const SESSION_TROUBLE: Readonly<Partial<Record<ErrorCode, number>>> = {
  SESSION_NOT_CONNECTED: 60_000,
  SESSION_MOVING: 5_000,
  WORKER_UNREACHABLE: 10_000,
  STORAGE_UNAVAILABLE: 10_000,
  RATE_LIMITED: 5_000,
};

/** Told by the worker's own report already. */
const REPORTED: readonly ErrorCode[] = ['MESSAGE_REJECTED'];

interface Failed {
  error: string;
  errorCode: string;
}

/** Tells the tenant, then writes it down: repeated after a crash, it is the same event. */
export async function failMessage(
  deps: Deps,
  session: SessionItem,
  item: OutboxItem,
  { error, errorCode }: Failed,
  isReported = false,
): Promise<void> {
  const { userId, sessionId, messageId, to, type, createdAt } = item;
  const data = { messageId, sessionId, status: 'failed', to, error, errorCode };
  const event = {
    id: `outbox:${messageId}`,
    type: 'message.failed' as const,
    sessionId,
    at: createdAt,
    data,
  };
  if (!isReported && tellsWebhooks(session)) await enqueueWebhookEvents(deps, userId, [event]);
  const at = new Date(deps.now()).toISOString();
  await advanceMessage(deps, {
    userId,
    sessionId,
    messageId,
    to,
    type,
    status: 'failed',
    at,
    error,
    errorCode,
  });
  await deps.stores.outbox.finish(item, { status: 'failed', error, errorCode });
}

/** The worker may have it: the place in line is given up, and the same id is tried again in a while. */
async function lookAgain(deps: Deps, item: OutboxItem, entry: LineEntry): Promise<Dispatch> {
  const { userId, sessionId, messageId, to, type } = item;
  if (item.attempts >= MAX_ATTEMPTS) {
    // Its record stays pending until a report tells more; sending on and on would not.
    const at = new Date(deps.now()).toISOString();
    await advanceMessage(deps, { userId, sessionId, messageId, to, type, status: 'pending', at });
    await deps.stores.outbox.finish(item, { status: 'sent' });
    return DONE;
  }
  await deps.stores.outbox.moveBack(sessionId, entry, new Date(deps.now() + MOVE_BACK_MS).toISOString());
  return { outcome: 'moved' };
}

/** A report of the worker may have come since an attempt whose answer was lost. */
async function isOut(deps: Deps, { sessionId, messageId, attempts }: OutboxItem): Promise<boolean> {
  if (attempts === 0) return false;
  const record = await deps.stores.messages.get(sessionId, messageId);
  return record !== undefined && record.status !== 'pending';
}

/** Before the worker can report on it: reports do not say what type it is, and counts are by type. */
async function beginRecord(deps: Deps, { sessionId, messageId, to, type }: OutboxItem): Promise<void> {
  const at = new Date(deps.now()).toISOString();
  await deps.stores.messages.advance({ sessionId, messageId, to, type, status: 'pending', at });
}

/** Counted once, under the id it is reported by: workers of the seeds' forms choose ids of their own. */
async function recordSent(deps: Deps, item: OutboxItem, told: Partial<SendAnswer>): Promise<void> {
  const { userId, sessionId, messageId, to, type } = item;
  const { status = 'sent' } = told;
  const step = { sessionId, to, type, status, at: new Date(deps.now()).toISOString() };
  const reportedId = told.messageId ?? messageId;
  await advanceMessage(deps, { ...step, userId, messageId: reportedId });
  if (reportedId !== messageId) await deps.stores.messages.advance({ ...step, messageId });
}

/**
 * Sends one message that is due. The claim is the one conditional write that makes it ours; whatever happens
 * after it, the worker is given the same id again, and drops what it knows.
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
  if (await isOut(deps, waiting)) {
    await outbox.finish(claimed, { status: 'sent' });
    return DONE;
  }
  if (waiting.attempts === 0) await beginRecord(deps, waiting);
  const body = { ...SendBody.parse(JSON.parse(claimed.body ?? '{}')), messageId, epoch };
  const client = deps.workers({ endpoint, requestId: messageId });
  const options = { timeoutMs: SEND_TIMEOUT_MS };
  const answer = await hop(client.workerSend({ params: { sessionId }, body }, options));
  if (answer.outcome === 'unknown') return await lookAgain(deps, claimed, entry);
  if (answer.outcome === 'answered') {
    if (answer.status === 202) return await lookAgain(deps, claimed, entry);
    await recordSent(deps, waiting, answer.data);
    await outbox.finish(claimed, { status: 'sent' });
    return DONE;
  }
  const failure = toFailure(answer);
  if (failure === undefined || !failure.isFinal) return await lookAgain(deps, claimed, entry);
  const { code, message, retryAfterS } = failure.error;
  const pause = SESSION_TROUBLE[code];
  if (pause !== undefined) {
    await outbox.release(claimed);
    return { outcome: 'wait', until: deps.now() + Math.max(pause, (retryAfterS ?? 0) * 1_000) };
  }
  await failMessage(deps, session, claimed, { error: message, errorCode: code }, REPORTED.includes(code));
  return DONE;
}
