import type { Terms } from '../../../shared/sessions/ownership.ts';
import { isLinked, isPurge, type SessionItem } from '../../../shared/sessions/session-item.ts';
import type { Deps } from '../../deps.ts';
import { announceSession } from '../../realtime/session-events.ts';
import { placeSession } from '../../sessions/lifecycle/place-session.ts';

/**
 * `migrated`: another worker has it. `pending`: it waits for any worker, which adopts it with its next heartbeat.
 * `parked`: it was not connected, and starts anywhere on demand. `changed`: it was not free, or is not any more.
 */
export type HandOn = 'migrated' | 'pending' | 'parked' | 'changed';

export interface HandOnOptions {
  requestId: string;
  /** Whether nobody runs it, and nobody will under its epoch. Asked of the session as it is at that moment. */
  isFree: (session: SessionItem) => boolean;
  /** In milliseconds since the epoch: what is not placed by then waits for adoption. */
  deadline?: number | undefined;
  /** Of one worker's answer. */
  timeoutMs?: number | undefined;
  /** Of the account that its owner has found linked. */
  phoneNumber?: string | null | undefined;
}

const START_TIMEOUT_MS = 3_000;
/** Wishes and reports may come between the reading and the writing. */
const MAX_TRIES = 4;

/**
 * Gives a session that nobody runs to another worker. Sessions that show a QR are not moved: they start again on
 * demand. Each step is a write on the session as it was read right before.
 */
export async function handOn(deps: Deps, sessionId: string, options: HandOnOptions): Promise<HandOn> {
  for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
    const session = await deps.stores.sessions.get(sessionId);
    if (session === undefined || !options.isFree(session)) return 'changed';
    const outcome = await handOnOnce(deps, session, options);
    if (outcome !== 'changed') return outcome;
  }
  return 'changed';
}

async function handOnOnce(deps: Deps, session: SessionItem, options: HandOnOptions): Promise<HandOn> {
  const phoneNumber = options.phoneNumber ?? undefined;
  if (isPurge(session)) return await waitForAny(deps, session, {});
  const comesBack = session.desired === 'connected' && (isLinked(session) || phoneNumber !== undefined);
  if (!comesBack) return await park(deps, session);
  const terms = { desired: 'connected', status: 'RECONNECTING', phoneNumber } as const;
  const inTime = options.deadline === undefined || deps.now() < options.deadline;
  if (!inTime) return await waitForAny(deps, session, terms);
  const placement = await placeSession(deps, session, {
    requestId: options.requestId,
    terms,
    exclude: session.workerId,
    prefer: session.move?.to,
    timeoutMs: options.timeoutMs ?? START_TIMEOUT_MS,
    // Before the worker is told: what it reports next is newer.
    onAssigned: (assigned) => announceChange(deps, session, assigned),
  });
  if (placement.outcome === 'changed') return 'changed';
  if (placement.outcome === 'started' || placement.outcome === 'pending') return 'migrated';
  return await waitForAny(deps, placement.session, terms);
}

async function park(deps: Deps, session: SessionItem): Promise<HandOn> {
  const status = session.status === 'LOGGED_OUT' ? session.status : 'DISCONNECTED';
  const terms = { unplaced: false, desired: 'disconnected', status } as const;
  const parked = await deps.stores.sessions.unassign(session, terms);
  if (parked === undefined) return 'changed';
  await announceChange(deps, session, parked);
  return 'parked';
}

async function waitForAny(deps: Deps, session: SessionItem, terms: Terms): Promise<HandOn> {
  const waiting = await deps.stores.sessions.unassign(session, { ...terms, unplaced: true });
  if (waiting === undefined) return 'changed';
  await announceChange(deps, session, waiting);
  return 'pending';
}

async function announceChange(deps: Deps, before: SessionItem, after: SessionItem): Promise<void> {
  if (after.status !== before.status) await announceSession(deps, after);
}
