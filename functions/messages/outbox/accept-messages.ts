import { AppError } from '../../../shared/errors/app-error.ts';
import { MAX_PART_BYTES } from '../../../shared/messages/outbox/body-parts.ts';
import { linkOf } from '../../../shared/messages/outbox/link.ts';
import type { OutboxItem } from '../../../shared/messages/outbox/outbox-item.ts';
import type { TenantSend } from '../../../shared/messages/outbox/schema.ts';
import { MAX_AHEAD_DAYS, type NewMessage } from '../../../shared/messages/outbox/store.ts';
import type { SendAnswer } from '../../../shared/messages/schema.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import type { Deps } from '../../deps.ts';
import { describeHanding, type Handing, newMessageId } from '../sending/handing.ts';
import { canSend, WAKE_GRACE_MS, wake } from './wake-up.ts';

const MAX_AHEAD_MS = MAX_AHEAD_DAYS * 24 * 3_600_000;
const PARALLEL_WRITES = 10;
/** How often the sweeper checks sessions that are not connected; connecting wakes their outbox at once. */
export const PARKED_MS = 15 * 60_000;

interface Accepting {
  /** The same in every try of one idempotent request. */
  seed?: string | undefined;
  /** The body's list that holds the messages; absent where the body is the message. */
  list?: string | undefined;
}

function tooFarAhead(path: string): AppError {
  const message = `use a time within ${MAX_AHEAD_DAYS} days`;
  return new AppError('VALIDATION_ERROR', `Check "${path}" in the body: ${message}.`, {
    details: [{ path, message }],
  });
}

/** @throws AppError VALIDATION_ERROR, PAYLOAD_TOO_LARGE */
function toMessage(
  session: SessionItem,
  { async: _, scheduledAt, ...send }: TenantSend,
  { index, seed, list, now }: Accepting & { index: number; now: number },
): Omit<NewMessage, 'turn'> {
  const { userId, sessionId } = session;
  const handing: Handing = { verb: 'send', body: send };
  const body = JSON.stringify(handing);
  if (Buffer.byteLength(body) > MAX_PART_BYTES)
    throw new AppError(
      'PAYLOAD_TOO_LARGE',
      `A message that is sent later has at most ${MAX_PART_BYTES} bytes. Name its media by URL instead.`,
    );
  const asked = scheduledAt === undefined ? now : Date.parse(scheduledAt);
  if (asked > now + MAX_AHEAD_MS)
    throw tooFarAhead(list === undefined ? 'scheduledAt' : `${list}.${index}.scheduledAt`);
  const dueAt = new Date(Math.max(asked, now)).toISOString();
  const messageId = newMessageId(seed === undefined ? undefined : `${seed}\n${index}`);
  return {
    userId,
    sessionId,
    messageId,
    link: linkOf(session),
    ...describeHanding(handing),
    body,
    dueAt,
    index,
    scheduledAt: scheduledAt === undefined ? null : new Date(asked).toISOString(),
  };
}

function toAnswer({ messageId, sessionId, createdAt }: OutboxItem): SendAnswer {
  return { messageId, status: 'pending', sessionId, timestamp: createdAt };
}

/**
 * Accepts messages into the outbox: once this resolves they will be sent, or their failure will be told. The
 * wake-up is written first, then the messages, then the queue is told: whatever is cut off in between was not
 * promised yet, and a wake-up without messages is harmless.
 * @throws AppError RATE_LIMITED where too many wait, PAYLOAD_TOO_LARGE, VALIDATION_ERROR, STORAGE_UNAVAILABLE
 */
export async function acceptMessages(
  deps: Pick<Deps, 'stores' | 'queues' | 'now' | 'log'>,
  session: SessionItem,
  sends: readonly TenantSend[],
  { seed, list }: Accepting = {},
): Promise<SendAnswer[]> {
  const { sessionId, userId } = session;
  const now = deps.now();
  const messages = sends.map((send, index) => toMessage(session, send, { index, seed, list, now }));
  const earliest = messages.reduce((least, { dueAt }) => (dueAt < least ? dueAt : least), '~');
  const isDue = Date.parse(earliest) <= now;
  const look = canSend(session) ? Math.max(Date.parse(earliest), now + WAKE_GRACE_MS) : now + PARKED_MS;
  const about = { sessionId, userId, count: messages.length };
  const wakeUp = await deps.stores.wakeUps.touch({ ...about, dueAt: new Date(look).toISOString() });
  if (wakeUp === 'full')
    throw new AppError('RATE_LIMITED', 'Too many messages wait for this session. Try again later.', {
      retryAfterS: 60,
    });
  const accepted: OutboxItem[] = [];
  for (let start = 0; start < messages.length; start += PARALLEL_WRITES) {
    const some = messages.slice(start, start + PARALLEL_WRITES);
    const accept = (message: Omit<NewMessage, 'turn'>) =>
      deps.stores.outbox.accept({ ...message, turn: wakeUp.rev });
    accepted.push(...(await Promise.all(some.map(accept))));
  }
  // The messages are stored by now, so a failing queue delays them and loses nothing.
  if (isDue && canSend(session))
    await wake(deps, [sessionId]).catch((error: unknown) =>
      deps.log.warn({ err: error, sessionId }, 'the outbox could not be rung; the sweeper will'),
    );
  return accepted.map(toAnswer);
}
