import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import type { Deps } from '../../deps.ts';

/** A message of the outbox's queue: it names a session that has something to send, and no content. */
export const WakeMessage = z.object({ sessionId: z.string() });

/** Nothing more is sent once a logout is wanted, however long the logout takes. */
export const canSend = ({ status, workerEndpoint, deletedAt, desired }: SessionItem) =>
  status === 'CONNECTED' &&
  workerEndpoint !== undefined &&
  deletedAt === undefined &&
  desired !== 'logged_out';

/** Has the lines of these sessions processed, each by one consumer at a time. */
export async function wake(deps: Pick<Deps, 'queues'>, sessionIds: readonly string[]): Promise<void> {
  const messages = sessionIds.map((sessionId) => ({
    group: sessionId,
    dedupId: randomUUID(),
    body: JSON.stringify({ sessionId }),
  }));
  if (messages.length > 0) await deps.queues.outbox.send(messages);
}

/** The sweeper checks too, in case a wake-up is lost. */
export const WAKE_GRACE_MS = 30_000;

/**
 * Wakes the outbox of a session that has become connected. It is called after the state was written, and on
 * repeated reports too, so that a crash in between costs nothing. The sweeper covers a failing queue.
 */
export async function wakeConnected(
  deps: Pick<Deps, 'queues' | 'stores' | 'now' | 'log'>,
  sessionId: string,
): Promise<void> {
  const dueAt = new Date(deps.now() + WAKE_GRACE_MS).toISOString();
  const wakeUp = await deps.stores.wakeUps.wake(sessionId, dueAt);
  if (wakeUp === undefined) return;
  await wake(deps, [sessionId]).catch((error: unknown) =>
    deps.log.warn({ err: error, sessionId }, 'the outbox could not be rung; the sweeper will'),
  );
}
