import type { ApiError } from '../../../shared/contract/api-error.ts';
import type { ErrorCode } from '../../../shared/errors/error-codes.ts';
import type { Terms } from '../../../shared/sessions/ownership.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import type { WorkerSession } from '../../../shared/workers/api/schema.ts';
import { rankWorkers } from '../../../shared/workers/placement.ts';
import { toCandidate, type WorkerItem } from '../../../shared/workers/worker-item.ts';
import type { Deps } from '../../deps.ts';
import { START_TIMEOUT_MS, startOnWorker } from './start-on-worker.ts';

/**
 * `started`: the worker has it. `pending`: it may have it, or someone else is placing it. `none`: no worker
 * takes it, the last one asked because of `refusal`, if it said why. `failed`: a worker refused it for a reason that
 * holds everywhere.
 */
export type Placement =
  | { outcome: 'started'; session: SessionItem; answer: WorkerSession }
  | { outcome: 'pending'; session: SessionItem }
  | { outcome: 'none'; session: SessionItem; refusal?: ApiError | 'unreachable' | undefined }
  | { outcome: 'failed'; session: SessionItem; error: ApiError };

export interface PlacementOptions {
  requestId: string;
  /** The session's fields while it is assigned. */
  terms: Terms;
  exclude?: string | undefined;
  /** The data of the worker's answer. */
  timeoutMs?: number;
  /** Called between the assignment and the command. */
  onAssigned?: (session: SessionItem) => Promise<void>;
}

/** No further worker is tried after this time, so that the caller gets an answer. */
const PATIENCE_MS = 14_000;

/** Refusals that concern one worker, and that the next one may not share. */
const TRY_NEXT: readonly ErrorCode[] = ['WORKER_FULL', 'SHUTTING_DOWN', 'STORAGE_UNAVAILABLE', 'STALE_OWNER'];

export async function candidatesFor(deps: Deps, exclude?: string): Promise<WorkerItem[]> {
  const workers = await deps.stores.workers.list();
  const others = workers.filter(({ workerId }) => workerId !== exclude);
  return rankWorkers(others.map((worker) => toCandidate(worker, deps.now())));
}

function mayTryNext(error: ApiError): boolean {
  return error.code === undefined ? error.status >= 500 : TRY_NEXT.includes(error.code);
}

/** Assigns a session to the best worker and starts it there; full or unreachable workers are skipped. */
export async function placeSession(
  deps: Deps,
  session: SessionItem,
  { requestId, terms, exclude, timeoutMs = START_TIMEOUT_MS, onAssigned }: PlacementOptions,
): Promise<Placement> {
  const startedAt = performance.now();
  let current = session;
  let refusal: ApiError | 'unreachable' | undefined;
  for (const worker of await candidatesFor(deps, exclude)) {
    if (performance.now() - startedAt > PATIENCE_MS) break;
    const assigned = await deps.stores.sessions.assign(current, worker, terms);
    // Somebody else changed it meanwhile, and their change is newer than this attempt.
    if (assigned === undefined) return { outcome: 'pending', session: current };
    current = assigned;
    await onAssigned?.(assigned);
    const hop = await startOnWorker(deps, assigned, { requestId, timeoutMs });
    if (hop.outcome === 'answered') return { outcome: 'started', session: assigned, answer: hop.data };
    // It may be running there: only that worker's report or the end of its lease can tell.
    if (hop.outcome === 'unknown') return { outcome: 'pending', session: assigned };
    const code = hop.outcome === 'failed' ? hop.error.code : 'WORKER_UNREACHABLE';
    deps.log.warn({ requestId, workerId: worker.workerId, code }, 'a worker did not take a session');
    if (hop.outcome === 'failed' && !mayTryNext(hop.error))
      return { outcome: 'failed', session: assigned, error: hop.error };
    refusal = hop.outcome === 'failed' ? hop.error : 'unreachable';
  }
  return { outcome: 'none', session: current, refusal };
}
