import { type Bell, dueAtOf, isWaiting, type LineEntry } from '../../shared/outbox/outbox-item.ts';
import { PACES, type Pace, paceOf, takeTurn } from '../../shared/outbox/pacing.ts';
import type { SessionItem } from '../../shared/sessions/session-item.ts';
import type { Deps } from '../deps.ts';
import { HAND_OVER_TIMEOUT_MS } from '../messages/handing.ts';
import { PARKED_MS } from './accept-messages.ts';
import { type Dispatch, dispatchMessage } from './dispatch-message.ts';
import { failMessage } from './fail-message.ts';
import { canSend, ring } from './ring.ts';

const PAGE = 10;
const MARGIN_MS = 5_000;
const DONE: Dispatch = { outcome: 'done' };

interface Run {
  session: SessionItem & { workerEndpoint: string };
  pace: Pace;
  nextAt: number;
}

const EXPIRED = { error: 'The session was not connected in time.', errorCode: 'SESSION_NOT_CONNECTED' };
const DELETED = { error: 'The session it was for was deleted.', errorCode: 'NOT_FOUND' };

async function takeEntry(deps: Deps, run: Run, entry: LineEntry): Promise<Dispatch> {
  const { session } = run;
  const now = deps.now();
  const item = await deps.stores.outbox.get(session.sessionId, entry.messageId);
  // Cancelled, or finished by a dispatcher that died before it left the line.
  if (item === undefined || !isWaiting(item)) return DONE;
  if (item.createdAt < session.createdAt) {
    await failMessage(deps, session, item, DELETED);
    return DONE;
  }
  const claimedUntil = Date.parse(item.claimedUntil ?? '') || 0;
  if (claimedUntil > now) return { outcome: 'wait', until: claimedUntil };
  if (Date.parse(item.expiresAt) <= now && item.attempts === 0) {
    await failMessage(deps, session, item, EXPIRED);
    return DONE;
  }
  const turn = takeTurn(run.pace, run.nextAt, now, deps.random());
  if (!turn.allowed) return { outcome: 'wait', until: turn.at };
  run.nextAt = turn.nextAt;
  await deps.stores.bells.keepPace(session.sessionId, turn.nextAt);
  return await dispatchMessage(deps, session, item, entry);
}

async function paceOfTier(deps: Deps, userId: string, accountKey: string): Promise<Pace> {
  const account = await deps.stores.accounts.findByUserId(userId, accountKey);
  return PACES[account?.tier ?? 'BASIC'];
}

async function open(deps: Deps, session: SessionItem, bell: Bell): Promise<Run | undefined> {
  const { workerEndpoint, userId, accountKey } = session;
  if (!canSend(session) || workerEndpoint === undefined) return undefined;
  const pacing = session.settings?.pacing ?? null;
  const pace = pacing === null ? await paceOfTier(deps, userId, accountKey) : paceOf(pacing);
  return { session: { ...session, workerEndpoint }, pace, nextAt: bell.nextAt ?? 0 };
}

/**
 * Sends what is due in a session's line, in its order and at its pace, until something makes it wait; the bell
 * then says when to look again. It may die anywhere: the bell it has not moved is still due.
 * @param remainingMs how long this invocation may still run
 */
export async function drainSession(deps: Deps, sessionId: string, remainingMs: () => number): Promise<void> {
  const { sessions, bells, outbox } = deps.stores;
  const [session, bell] = await Promise.all([sessions.get(sessionId), bells.get(sessionId)]);
  if (bell === undefined) return;
  const lookAt = (until: number) => bells.postpone(bell, new Date(until).toISOString());
  const run = session === undefined ? undefined : await open(deps, session, bell);
  // The session's connecting rings again.
  if (run === undefined) return await lookAt(deps.now() + PARKED_MS);

  for (;;) {
    const line = await outbox.head(sessionId, PAGE);
    if (line.length === 0) return await bells.close(bell);
    for (const entry of line) {
      const dueAt = Date.parse(dueAtOf(entry));
      if (dueAt > deps.now()) return await lookAt(dueAt);
      if (remainingMs() < HAND_OVER_TIMEOUT_MS + MARGIN_MS) return await ring(deps, [sessionId]);
      const result = await takeEntry(deps, run, entry);
      if (result.outcome === 'wait') return await lookAt(result.until);
      if (result.outcome === 'moved') continue;
      await outbox.leaveLine(sessionId, entry);
      await bells.forget(sessionId, 1);
    }
  }
}
