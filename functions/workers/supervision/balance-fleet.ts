import { isRunning, type SessionItem } from '../../../shared/sessions/session-item.ts';
import { type Candidate, isCandidate, placesTaken } from '../../../shared/workers/placement.ts';
import { isLeaving, toCandidate } from '../../../shared/workers/worker-item.ts';
import { moveSession } from '../../administration/moves/move-session.ts';
import type { Deps } from '../../deps.ts';
import { type Evacuation, listOwned } from './declare-dead.ts';

/** When a worker that has joined gets some of what the others have. */
export const BALANCE = {
  /** By so much of its places a worker has to be fuller than another. */
  gap: 0.25,
  /** And by so many sessions: fewer are not worth a move. */
  least: 3,
  /** A session that has come to a worker stays for a while. */
  stayMs: 15 * 60_000,
  /** Sessions moved with one look of the supervisor. */
  perLook: 1,
} as const;

const shareOf = (worker: Candidate) => placesTaken(worker) / Math.max(1, worker.maxSessions);

/** The fullest worker and the emptiest, where the one has too much and the other room. */
export function findGap<W extends Candidate>(workers: readonly W[]): { from: W; to: W } | undefined {
  const serving = workers
    .filter(({ status }) => status === 'ONLINE')
    .toSorted((one, other) => shareOf(one) - shareOf(other) || one.workerId.localeCompare(other.workerId));
  const [to, from] = [serving[0], serving.at(-1)];
  if (to === undefined || from === undefined || !isCandidate(to)) return undefined;
  const isWide =
    shareOf(from) - shareOf(to) >= BALANCE.gap && placesTaken(from) - placesTaken(to) >= BALANCE.least;
  return isWide ? { from, to } : undefined;
}

/** Whom a move disturbs least: the idlest, and of those the one that has been there longest. */
export function chooseIdlest(sessions: readonly SessionItem[], now: number): SessionItem[] {
  const since = ({ assignedAt }: SessionItem) => (assignedAt === undefined ? 0 : Date.parse(assignedAt));
  return sessions
    .filter((session) => isRunning(session) && session.status === 'CONNECTED' && session.move === undefined)
    .filter((session) => now - since(session) >= BALANCE.stayMs)
    .sort((one, other) => (one.busy ?? 0) - (other.busy ?? 0) || since(one) - since(other))
    .slice(0, BALANCE.perLook);
}

/**
 * Moves a session or so from the fullest worker to the emptiest; to be repeated. What has moved stays where it is for a
 * while, and small differences are left alone: so nothing goes back and forth. Nothing moves while a worker is being
 * emptied.
 */
export async function balanceFleet(deps: Deps, requestId: string): Promise<Evacuation> {
  const evacuation = { migrated: 0, pending: 0 };
  const workers = (await deps.stores.workers.list()).filter(({ fencedAt }) => fencedAt === undefined);
  if (workers.some(isLeaving)) return evacuation;
  const gap = findGap(workers.map((worker) => deps.placements.countIn(toCandidate(worker, deps.now()))));
  if (gap === undefined) return evacuation;
  const idlest = chooseIdlest(await listOwned(deps, gap.from.workerId), deps.now());
  for (const session of idlest) {
    const move = await moveSession(deps, session, { requestId, target: gap.to });
    if (move === 'migrated' || move === 'pending') evacuation[move] += 1;
  }
  return evacuation;
}
