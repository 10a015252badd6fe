import type { ApiError } from '../../../shared/contract/api-error.ts';
import type { ErrorCode } from '../../../shared/errors/error-codes.ts';
import type { Terms } from '../../../shared/sessions/ownership.ts';
import { isLinked, type SessionItem } from '../../../shared/sessions/session-item.ts';
import type { WorkerSession } from '../../../shared/workers/api/schema.ts';
import { rankWorkers } from '../../../shared/workers/placement.ts';
import { toCandidate, type WorkerItem } from '../../../shared/workers/worker-item.ts';
import type { Deps } from '../../deps.ts';
import { hop } from '../../workers/calls/hop.ts';
import { START_TIMEOUT_MS, startOnWorker } from './start-on-worker.ts';

/**
 * `started`: the worker has it. `pending`: it may have it. `none`: no worker
 * takes it, the last one asked because of `refusal`, if it said why. `failed`: a worker refused it for a reason that
 * holds everywhere. `changed`: someone else has changed it meanwhile.
 */
export type Placement =
  | { outcome: 'started'; session: SessionItem; answer: WorkerSession }
  | { outcome: 'pending'; session: SessionItem }
  | { outcome: 'changed'; session: SessionItem }
  | { outcome: 'none'; session: SessionItem; refusal?: ApiError | 'unreachable' | undefined }
  | { outcome: 'failed'; session: SessionItem; error: ApiError };

export interface PlacementOptions {
  requestId: string;
  /** The session's fields while it is assigned. */
  terms: Terms;
  exclude?: string | undefined;
  /** The worker to ask first, where it takes any. */
  prefer?: string | undefined;
  /** Of one worker's answer. */
  timeoutMs?: number;
  /** Called between the assignment and the command. */
  onAssigned?: (session: SessionItem) => Promise<void>;
}

/** No further worker is tried after this time, so that the caller gets an answer. */
const PATIENCE_MS = 14_000;

const PROBE_TIMEOUT_MS = 1_500;

/** Reasons of one worker, which the next one may not have. */
const TRY_NEXT: readonly ErrorCode[] = ['WORKER_FULL', 'SHUTTING_DOWN', 'STORAGE_UNAVAILABLE', 'STALE_OWNER'];

/** Workers that take sessions, best first; what was placed since their last heartbeats is counted in. */
export async function candidatesFor(deps: Deps, exclude?: string): Promise<WorkerItem[]> {
  const workers = await deps.stores.workers.list();
  const others = workers.filter(({ workerId }) => workerId !== exclude);
  return rankWorkers(others.map((worker) => deps.placements.countIn(toCandidate(worker, deps.now()))));
}

/** Whether anything listens there. To be asked before a session is assigned: after that, only the worker's word counts. */
async function answers(deps: Deps, worker: WorkerItem, requestId: string): Promise<boolean> {
  const client = deps.workers({ endpoint: worker.endpoint, requestId });
  const { outcome } = await hop<unknown>(client.workerLive({}, { timeoutMs: PROBE_TIMEOUT_MS }));
  return outcome === 'answered' || outcome === 'failed';
}

/**
 * Whether a worker that could not be reached has nothing of a session: it may have been told of it by a heartbeat's
 * answer. Without credentials there is nothing that two workers could spoil for each other.
 */
const hasNothing = (worker: WorkerItem, session: SessionItem) => !worker.fencesItself || !isLinked(session);

function mayTryNext(error: ApiError): boolean {
  return error.code === undefined ? error.status >= 500 : TRY_NEXT.includes(error.code);
}

/** Assigns a session to the best worker and starts it there; full or unreachable workers are skipped. */
export async function placeSession(
  deps: Deps,
  session: SessionItem,
  { requestId, terms, exclude, prefer, timeoutMs = START_TIMEOUT_MS, onAssigned }: PlacementOptions,
): Promise<Placement> {
  const startedAt = deps.now();
  const tried = new Set(exclude === undefined ? [] : [exclude]);
  let current = session;
  let refusal: ApiError | 'unreachable' | undefined;
  while (deps.now() - startedAt <= PATIENCE_MS) {
    const worker = await nextCandidate(deps, tried, prefer);
    if (worker === undefined) break;
    tried.add(worker.workerId);
    deps.placements.note(worker.workerId);
    if (isLinked(current) && !(await answers(deps, worker, requestId))) {
      refusal = 'unreachable';
      continue;
    }
    const assigned = await deps.stores.sessions.assign(current, worker, terms);
    // Whatever that was, it is newer than this attempt.
    if (assigned === undefined) return { outcome: 'changed', session: current };
    current = assigned;
    await onAssigned?.(assigned);
    const started = await startOnWorker(deps, assigned, { requestId, timeoutMs });
    if (started.outcome === 'answered')
      return { outcome: 'started', session: assigned, answer: started.data };
    // It may be running there: only that worker's word or the end of its lease tells.
    if (started.outcome === 'unknown') return { outcome: 'pending', session: assigned };
    const code = started.outcome === 'failed' ? started.error.code : 'WORKER_UNREACHABLE';
    deps.log.warn({ requestId, workerId: worker.workerId, code }, 'a worker did not take a session');
    if (started.outcome === 'refused' && !hasNothing(worker, assigned))
      return { outcome: 'pending', session: assigned };
    if (started.outcome === 'failed' && !mayTryNext(started.error))
      return { outcome: 'failed', session: assigned, error: started.error };
    refusal = started.outcome === 'failed' ? started.error : 'unreachable';
  }
  return { outcome: 'none', session: current, refusal };
}

/** The best of those that were not asked yet, as it is now: others are placing sessions at the same time. */
async function nextCandidate(
  deps: Deps,
  tried: ReadonlySet<string>,
  prefer: string | undefined,
): Promise<WorkerItem | undefined> {
  const left = (await candidatesFor(deps)).filter(({ workerId }) => !tried.has(workerId));
  return left.find(({ workerId }) => workerId === prefer) ?? left[0];
}
