import { linkOf } from '../../../shared/messages/outbox/link.ts';
import {
  dueAtOf,
  isWaiting,
  type LineEntry,
  type WakeUp,
} from '../../../shared/messages/outbox/outbox-item.ts';
import { PACES, type Pace, paceOf, takeTurn } from '../../../shared/messages/outbox/pacing.ts';
import { ACCEPTANCE_MS } from '../../../shared/messages/outbox/wake-up-store.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import type { Deps } from '../../deps.ts';
import { HAND_OVER_TIMEOUT_MS } from '../sending/handing.ts';
import { PARKED_MS } from './accept-messages.ts';
import { type Dispatch, dispatchMessage } from './dispatch-message.ts';
import { type EndingOptions, endEarlier, isOver } from './end-earlier.ts';
import { endMessage } from './end-message.ts';
import { failMessage } from './fail-message.ts';
import { canSend, wake } from './wake-up.ts';

const PAGE = 10;
const MARGIN_MS = 5_000;
const READ_AGAIN_MS = 1_000;
const DONE: Dispatch = { outcome: 'done' };

interface Run {
  session: SessionItem & { workerEndpoint: string };
  pace: Pace;
  nextAt: number;
}

const EXPIRED = { error: 'The session was not connected in time.', errorCode: 'SESSION_NOT_CONNECTED' };

async function takeEntry(deps: Deps, run: Run, entry: LineEntry): Promise<Dispatch> {
  const { session } = run;
  const now = deps.now();
  const item = await deps.stores.outbox.get(session.sessionId, entry.messageId);
  // It was cancelled, or finished by a dispatcher that died before it freed the place in line.
  if (item === undefined || !isWaiting(item)) return DONE;
  const claimedUntil = Date.parse(item.claimedUntil ?? '') || 0;
  if (claimedUntil > now) return { outcome: 'wait', until: claimedUntil };
  if (isOver(session, item)) {
    await endMessage(deps, session, item);
    return DONE;
  }
  // It was accepted after this session was read, for a later life of the session.
  if (item.link !== linkOf(session)) return { outcome: 'wait', until: now + READ_AGAIN_MS };
  if (Date.parse(item.expiresAt) <= now && item.attempts === 0) {
    await failMessage(deps, session, item, EXPIRED);
    return DONE;
  }
  const turn = takeTurn(run.pace, run.nextAt, now, deps.random());
  if (!turn.allowed) return { outcome: 'wait', until: turn.at };
  run.nextAt = turn.nextAt;
  await deps.stores.wakeUps.keepPace(session.sessionId, turn.nextAt);
  return await dispatchMessage(deps, session, item, entry);
}

async function paceOfTier(deps: Deps, userId: string, accountKey: string): Promise<Pace> {
  const account = await deps.stores.accounts.findByUserId(userId, accountKey);
  return PACES[account?.tier ?? 'BASIC'];
}

async function open(deps: Deps, session: SessionItem, wakeUp: WakeUp): Promise<Run | undefined> {
  const { workerEndpoint, userId, accountKey } = session;
  if (!canSend(session) || workerEndpoint === undefined) return undefined;
  const pacing = session.settings?.pacing ?? null;
  const pace = pacing === null ? await paceOfTier(deps, userId, accountKey) : paceOf(pacing);
  return { session: { ...session, workerEndpoint }, pace, nextAt: wakeUp.nextAt ?? 0 };
}

/**
 * Ends what a logout or deletion has left in line. Returns until when to check again, since a request that
 * read the session earlier may still add a message; `stopped` where time ran out.
 */
async function endWhatWaits(
  deps: Deps,
  session: SessionItem,
  wakeUp: WakeUp,
  options: Omit<EndingOptions, 'endMessage'>,
): Promise<number | 'stopped'> {
  if (wakeUp.endedAt === undefined) return Number.POSITIVE_INFINITY;
  const { readAt } = options;
  const settlesAt = Date.parse(wakeUp.endedAt) + ACCEPTANCE_MS;
  const ending = await endEarlier(deps, session, { ...options, endMessage });
  if (ending === 'stopped') return ending;
  if (readAt < settlesAt) return settlesAt;
  if (ending === 'later') return readAt + ACCEPTANCE_MS;
  await deps.stores.wakeUps.settleEnd(wakeUp);
  return Number.POSITIVE_INFINITY;
}

/**
 * Sends what is due in a session's line, in order and at its pace, until something makes it wait; the wake-up
 * then says when to look again. It may die at any point: a wake-up that was not moved is still due.
 * @param remainingMs how long this invocation may still run
 */
export async function drainSession(deps: Deps, sessionId: string, remainingMs: () => number): Promise<void> {
  const { sessions, wakeUps, outbox } = deps.stores;
  const readAt = deps.now();
  const [session, wakeUp] = await Promise.all([sessions.get(sessionId), wakeUps.get(sessionId)]);
  if (wakeUp === undefined) return;
  const mayGoOn = () => remainingMs() >= HAND_OVER_TIMEOUT_MS + MARGIN_MS;
  const endsAt =
    session === undefined
      ? Number.POSITIVE_INFINITY
      : await endWhatWaits(deps, session, wakeUp, { readAt, mayGoOn });
  if (endsAt === 'stopped') return await wake(deps, [sessionId]);
  const lookAt = (until: number) => wakeUps.postpone(wakeUp, new Date(Math.min(until, endsAt)).toISOString());
  const run = session === undefined ? undefined : await open(deps, session, wakeUp);
  if (run === undefined) {
    const isEmpty = session?.deletedAt !== undefined && endsAt === Number.POSITIVE_INFINITY;
    // Connecting wakes this line again.
    return isEmpty ? await wakeUps.close(wakeUp) : await lookAt(deps.now() + PARKED_MS);
  }

  for (;;) {
    const line = await outbox.head(sessionId, PAGE);
    if (line.length === 0) return await wakeUps.close(wakeUp);
    for (const entry of line) {
      const dueAt = Date.parse(dueAtOf(entry));
      if (dueAt > deps.now()) return await lookAt(dueAt);
      if (!mayGoOn()) return await wake(deps, [sessionId]);
      const result = await takeEntry(deps, run, entry);
      if (result.outcome === 'wait') return await lookAt(result.until);
      if (result.outcome === 'moved') continue;
      await outbox.leaveLine(sessionId, entry);
      await wakeUps.forget(sessionId, 1);
    }
  }
}
