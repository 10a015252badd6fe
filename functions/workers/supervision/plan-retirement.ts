import { isLeaseOver, isLeaving, toCandidate, type WorkerItem } from '../../../shared/workers/worker-item.ts';

/** The targets of scaling. */
export interface FleetSize {
  /** Target share of session capacity in use, 0 to 1. */
  targetUse: number;
  minWorkers: number;
}
/** Turns consolidation off. */
export const SINGLE_WORKER: FleetSize = { targetUse: 1, minWorkers: Number.POSITIVE_INFINITY };

export interface Retirement {
  drain: { worker: WorkerItem; why: 'deployment' | 'scale-in' }[];
  /** Workers that return to service. */
  resume: WorkerItem[];
}

/** Scaling has just asked for a new worker, so it is kept for this long. */
const MIN_AGE_MS = 30 * 60_000;
/** A deployment is over after this time; workers that are still there are meant to be. */
const DEPLOYMENT_MS = 2 * 3_600_000;

const slotsOf = (workers: readonly WorkerItem[]) =>
  workers.reduce((sum, { maxSessions, wanted }) => sum + (wanted?.maxSessions ?? maxSessions), 0);
const usedBy = (workers: readonly WorkerItem[]) =>
  workers.reduce((sum, { breakdown }) => sum + breakdown.total, 0);
const isRetiring = (worker: WorkerItem) => worker.wanted?.retire !== undefined && isLeaving(worker);

function isPast({ wanted }: WorkerItem, now: number): boolean {
  const retire = wanted?.retire;
  return retire?.why === 'deployment' && now - Date.parse(retire.since) > DEPLOYMENT_MS;
}

/** The worker with the fewest sessions whose sessions fit on the others within the target. */
function findSpare(serving: readonly WorkerItem[], now: number, size: FleetSize): WorkerItem | undefined {
  if (serving.length <= size.minWorkers) return undefined;
  // An empty worker is not protected, so scaling can end it as it is.
  if (serving.some(({ breakdown }) => breakdown.total === 0)) return undefined;
  const [spare] = serving
    .filter(({ createdAt }) => now - Date.parse(createdAt) >= MIN_AGE_MS)
    .sort((a, b) => a.breakdown.total - b.breakdown.total || a.workerId.localeCompare(b.workerId));
  if (spare === undefined) return undefined;
  const rest = serving.filter((worker) => worker !== spare);
  return usedBy(serving) <= slotsOf(rest) * size.targetUse ? spare : undefined;
}

/**
 * Plans which workers to empty, because protected tasks end only once they are empty: the old ones of a
 * deployment as soon as a new one serves, and before a scale-in the one whose sessions fit elsewhere. Only
 * workers that protect their task are considered. `now` is in milliseconds.
 */
export function planRetirement(all: readonly WorkerItem[], now: number, size: FleetSize): Retirement {
  const workers = all.filter(
    (worker) => worker.protectsTask === true && worker.fencedAt === undefined && !isLeaseOver(worker, now),
  );
  const retiring = workers.filter(isRetiring);
  const serving = workers.filter((worker) => toCandidate(worker, now).status === 'ONLINE');
  const past = retiring.filter((worker) => isPast(worker, now));
  // There is no other worker to take anything.
  if (serving.length === 0) return { drain: [], resume: retiring };
  const old = serving.filter((worker) => worker.wanted?.retire !== undefined && !isPast(worker, now));
  if (old.length > 0 && old.length < serving.length)
    return { drain: old.map((worker) => ({ worker, why: 'deployment' })), resume: past };
  const isCrowded = usedBy(workers) > slotsOf(serving) * ((1 + size.targetUse) / 2);
  const scaledIn = retiring.filter(({ wanted }) => wanted?.retire?.why === 'scale-in');
  if (isCrowded) return { drain: [], resume: [...past, ...scaledIn] };
  const spare = retiring.length > 0 || old.length > 0 ? undefined : findSpare(serving, now, size);
  return { drain: spare === undefined ? [] : [{ worker: spare, why: 'scale-in' }], resume: past };
}
