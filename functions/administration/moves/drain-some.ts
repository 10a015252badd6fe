import PQueue from 'p-queue';
import { isPurge } from '../../../shared/sessions/session-item.ts';
import type { WorkerItem } from '../../../shared/workers/worker-item.ts';
import type { Deps } from '../../deps.ts';
import { candidatesFor } from '../../sessions/lifecycle/place-session.ts';
import type { Evacuation } from '../../workers/supervision/declare-dead.ts';
import { listOwned } from '../../workers/supervision/declare-dead.ts';
import { moveSession } from './move-session.ts';

const CONCURRENCY = 4;
/** Sessions moved in one call; the supervisor repeats it until the worker is empty. */
const MAX_MOVED = 20;

/**
 * Moves a few sessions off a running worker, and only where another worker accepts them. The others stay and
 * keep working.
 */
export async function drainSome(
  deps: Deps,
  { workerId }: Pick<WorkerItem, 'workerId'>,
  { requestId }: { requestId: string },
): Promise<Evacuation> {
  const owned = (await listOwned(deps, workerId)).filter((session) => !isPurge(session));
  const evacuation = { migrated: 0, pending: 0 };
  if (owned.length === 0 || (await candidatesFor(deps, workerId)).length === 0) return evacuation;
  const queue = new PQueue({ concurrency: CONCURRENCY });
  const moves = await queue.addAll(
    owned.slice(0, MAX_MOVED).map((session) => () => moveSession(deps, session, { requestId })),
  );
  for (const move of moves) if (move === 'migrated' || move === 'pending') evacuation[move] += 1;
  return evacuation;
}
