import type { SessionBreakdown, WorkerStatus } from './schema.ts';

/** What placement knows of a worker. Usage figures are percentages. */
export interface Candidate {
  workerId: string;
  status: WorkerStatus;
  maxSessions: number;
  breakdown: SessionBreakdown;
  /** What was given to it, whether or not it holds that yet. */
  assigned?: number | undefined;
  cpuUsage: number;
  memoryUsage: number;
  /** Milliseconds since the last heartbeat. */
  heartbeatAgeMs: number;
}

/** Weights of each part of the score, in points; the lowest total wins. */
export const PLACEMENT_WEIGHTS = {
  capacity: 100,
  health: 50,
  resources: 50,
  stability: 25,
  qrPenaltyEach: 5,
  qrPenaltyMost: 25,
} as const;

/** A worker whose last heartbeat is older than this is not a candidate. */
export const STALE_AFTER_MS = 90_000;

/** Places that are taken: by what it holds, or by what it has been given. */
export const placesTaken = ({ breakdown, assigned = 0 }: Pick<Candidate, 'breakdown' | 'assigned'>) =>
  Math.max(breakdown.total, assigned);

const clamp = (share: number) => Math.min(1, Math.max(0, share));

export function isCandidate(worker: Candidate): boolean {
  return (
    worker.status === 'ONLINE' &&
    worker.heartbeatAgeMs < STALE_AFTER_MS &&
    placesTaken(worker) < worker.maxSessions
  );
}

/** Points against placing a session here; 0 is an empty, idle worker with a fresh heartbeat. */
export function placementScore(worker: Candidate): number {
  const { breakdown } = worker;
  const troubled = (breakdown.error + breakdown.reconnecting) / Math.max(1, breakdown.total);
  const load = (worker.cpuUsage + worker.memoryUsage) / 200;
  return (
    PLACEMENT_WEIGHTS.capacity * clamp(placesTaken(worker) / worker.maxSessions) +
    PLACEMENT_WEIGHTS.health * clamp(troubled) +
    PLACEMENT_WEIGHTS.resources * clamp(load) +
    PLACEMENT_WEIGHTS.stability * clamp(worker.heartbeatAgeMs / STALE_AFTER_MS) +
    Math.min(PLACEMENT_WEIGHTS.qrPenaltyMost, PLACEMENT_WEIGHTS.qrPenaltyEach * breakdown.qr_required)
  );
}

/** Candidates, best first; equal scores are sorted by id, so that a choice can be repeated. */
export function rankWorkers<W extends Candidate>(workers: readonly W[]): W[] {
  return workers
    .filter(isCandidate)
    .map((worker) => ({ worker, score: placementScore(worker) }))
    .sort((a, b) => a.score - b.score || a.worker.workerId.localeCompare(b.worker.workerId))
    .map(({ worker }) => worker);
}
