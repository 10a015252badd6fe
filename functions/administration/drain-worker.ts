import { drainWorker } from '../../shared/administration/routes.ts';
import { implement } from '../http/implement.ts';
import { announceWorker, listOwned } from '../workers/supervision/declare-dead.ts';
import { findWorker, noSuchWorker } from './fleet/to-worker.ts';
import { drainSome } from './moves/drain-some.ts';

/** The first sessions move now; the supervisor moves the rest. */
export const handler = implement(drainWorker, async ({ params: { workerId }, requestId }, deps) => {
  const { wanted } = await findWorker(deps, workerId);
  const { retire: _, ...kept } = wanted ?? {};
  const changed = await deps.stores.workers.setWanted(workerId, { ...kept, status: 'DRAINING' });
  if (changed === undefined) throw noSuchWorker();
  const owned = await listOwned(deps, workerId);
  await announceWorker(deps, changed);
  await drainSome(deps, changed, { requestId });
  return { status: 202, data: { workerId, status: 'DRAINING' as const, sessions: owned.length } };
});
