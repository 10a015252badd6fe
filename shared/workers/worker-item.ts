import * as z from 'zod';
import type { Candidate } from './placement.ts';
import { ENVIRONMENTS, SessionBreakdown, WORKER_STATUSES } from './schema.ts';

/**
 * What an administrator or the supervisor has set: it outlives heartbeats and registrations, and overrides
 * them.
 */
export const WantedOfWorker = z.object({
  status: z.enum(['ONLINE', 'MAINTENANCE', 'DRAINING']).optional(),
  maxSessions: z.number().int().optional(),
  description: z.string().optional(),
  /** The supervisor wants it empty, so that its task can end; an administrator overrides that. */
  retire: z.object({ why: z.enum(['deployment', 'scale-in']), since: z.iso.datetime() }).optional(),
  /** Since when an administrator wants it gone: once it is empty, and not before. */
  removeSince: z.iso.datetime().optional(),
});
export type WantedOfWorker = z.infer<typeof WantedOfWorker>;

export const WorkerItem = z.object({
  workerId: z.string(),
  endpoint: z.string(),
  description: z.string().nullable(),
  status: z.enum(WORKER_STATUSES),
  maxSessions: z.number().int(),
  version: z.string(),
  environment: z.enum(ENVIRONMENTS),
  capabilities: z.array(z.string()),
  breakdown: SessionBreakdown,
  /** How many sessions it should hold, as of its last heartbeat: more than it says itself where some wait. */
  assigned: z.number().int().optional(),
  cpuUsage: z.number(),
  memoryUsage: z.number(),
  uptime: z.number(),
  messageCount: z.number(),
  bootId: z.string().optional(),
  /** Of the processes before this one: what comes late from them changes nothing. */
  pastBoots: z.array(z.string()).optional(),
  /** Rises with every process and every fencing; heartbeats name the one they belong to. */
  generation: z.number().int(),
  /** Stops by itself when the lease ends, which other workers may not do. */
  fencesItself: z.boolean(),
  /**
   * May extend its lease by writing into the bucket, so the supervisor has to look there before it fences.
   */
  leaseOverBucket: z.boolean().optional(),
  /** Its task is protected while it has sessions, and ends only once it is empty. */
  protectsTask: z.boolean().optional(),
  /** Milliseconds since the epoch; 0 where it is certain that nothing runs there any more. */
  leaseExpiresAt: z.number(),
  /** Set once its lease is void: no order of it counts any more, and none of its heartbeats is taken. */
  fencedAt: z.iso.datetime().optional(),
  lastHeartbeat: z.iso.datetime().nullable(),
  wanted: WantedOfWorker.optional(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type WorkerItem = z.infer<typeof WorkerItem>;

export const workerKey = (workerId: string) => ({ pk: `WORKER#${workerId}`, sk: 'WORKER' });
export const endpointKey = (endpoint: string) => ({ pk: `ENDPOINT#${endpoint}`, sk: 'ENDPOINT' });
export const WORKERS_PARTITION = 'WORKERS';

export const EndpointClaim = z.object({ endpoint: z.string(), workerId: z.string() });

/** Tells whether its lease is over as far as the table knows. `now` is in milliseconds. */
export function isLeaseOver({ leaseExpiresAt }: Pick<WorkerItem, 'leaseExpiresAt'>, now: number): boolean {
  return now >= leaseExpiresAt + LEASE_MARGIN_MS;
}

/**
 * Whether a worker certainly runs nothing any more of what was assigned to it under this generation: it has
 * registered anew, which it does after it has closed everything, or it was fenced and its lease is over.
 */
export function hasEnded(
  generation: number | undefined,
  worker: WorkerItem | undefined,
  now: number,
): boolean {
  if (worker === undefined) return true;
  if (worker.generation === generation) return false;
  if (worker.fencedAt === undefined || worker.leaseExpiresAt === 0) return true;
  return worker.leaseOverBucket !== true && isLeaseOver(worker, now);
}

/** How many sessions it may have: what an administrator allows it, and not more than it has said itself. */
export function capacityOf({ maxSessions, wanted }: Pick<WorkerItem, 'maxSessions' | 'wanted'>): number {
  return Math.min(maxSessions, wanted?.maxSessions ?? maxSessions);
}

/** Whether it may still be running sessions. `now` is in milliseconds. */
export function isLive(worker: WorkerItem, now: number): boolean {
  if (worker.fencedAt !== undefined) return false;
  return worker.leaseOverBucket === true || !isLeaseOver(worker, now);
}

/** It runs, but its sessions have to move elsewhere. */
export function isLeaving({ wanted }: WorkerItem): boolean {
  return wanted?.status === 'MAINTENANCE' || wanted?.status === 'DRAINING';
}

function statusOf({ fencedAt, wanted, status }: WorkerItem): WorkerItem['status'] {
  if (fencedAt !== undefined) return 'OFFLINE';
  return wanted?.status === undefined || wanted.status === 'ONLINE' ? status : wanted.status;
}

export function toCandidate(worker: WorkerItem, now: number): WorkerItem & Candidate {
  const heardAt = Date.parse(worker.lastHeartbeat ?? worker.updatedAt);
  return {
    ...worker,
    status: statusOf(worker),
    maxSessions: capacityOf(worker),
    heartbeatAgeMs: Math.max(0, now - heardAt),
  };
}

/**
 * Lease arithmetic (docs/ownership.md). The worker counts from *sending* the last heartbeat that was
 * acknowledged, the control plane from its arrival, which is later: the worker has always let go before
 * anybody else takes over.
 */
export const HEARTBEAT_INTERVAL_MS = 10_000;
export const LEASE_TTL_MS = 90_000;
/** How much longer than the lease the supervisor waits, for clocks that drift. */
export const LEASE_MARGIN_MS = 10_000;
