import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import type { Deps } from '../../deps.ts';

/** What the outbox's queue carries: that there is something to do, never what. */
export const WakeMessage = z.object({ sessionId: z.string() });

/** A logout that is asked for may take a while: nothing more leaves meanwhile. */
export const canSend = ({ status, workerEndpoint, deletedAt, desired }: SessionItem) =>
  status === 'CONNECTED' &&
  workerEndpoint !== undefined &&
  deletedAt === undefined &&
  desired !== 'logged_out';

/** Has the sessions' lines looked at, each session by one consumer at a time. */
export async function wake(deps: Pick<Deps, 'queues'>, sessionIds: readonly string[]): Promise<void> {
  const messages = sessionIds.map((sessionId) => ({
    group: sessionId,
    dedupId: randomUUID(),
    body: JSON.stringify({ sessionId }),
  }));
  if (messages.length > 0) await deps.queues.outbox.send(messages);
}

/** The sweeper looks as well, for the case that a wake is lost. */
export const WAKE_GRACE_MS = 30_000;

/**
 * A session has become connected: what waits for it may go. Called after its state was written, on repeated
 * reports too, so that a crash in between costs nothing. Should the queue not take the wake, the sweeper will.
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
