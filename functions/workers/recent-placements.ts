import { type Candidate, placesTaken } from '../../shared/workers/placement.ts';

/** Longer than between two heartbeats: from then on the worker itself says what it has. */
const KEPT_MS = 30_000;

/** What this process has given to workers and they have not counted in a heartbeat yet. */
export interface RecentPlacements {
  note(workerId: string): void;
  /** The worker with what it has been given since it was last heard of. */
  countIn<W extends Candidate>(worker: W): W;
}

/**
 * Heartbeats come every few seconds, and sessions of a dead worker all at once: each counts from the moment at which
 * its place is chosen, or all of them would go to the same worker. `now` is in milliseconds.
 */
export function createRecentPlacements(now: () => number): RecentPlacements {
  const byWorker = new Map<string, number[]>();
  const since = (workerId: string, from: number) => (byWorker.get(workerId) ?? []).filter((at) => at >= from);

  return {
    note(workerId) {
      byWorker.set(workerId, [...since(workerId, now() - KEPT_MS), now()]);
    },
    countIn(worker) {
      const heardAt = now() - worker.heartbeatAgeMs;
      const placed = since(worker.workerId, Math.max(heardAt, now() - KEPT_MS)).length;
      if (placed === 0) return worker;
      return { ...worker, assigned: placesTaken(worker) + placed };
    },
  };
}
