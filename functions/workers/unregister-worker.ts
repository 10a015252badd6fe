import { unregisterWorker } from '../../shared/workers/routes.ts';
import { findWorker } from '../administration/fleet/to-worker.ts';
import { implement } from '../http/implement.ts';
import { leave, removeWorker } from './supervision/remove-worker.ts';

export const handler = implement(
  unregisterWorker,
  async ({ caller, params: { workerId }, query: { bootId }, requestId }, deps) => {
    const worker = await findWorker(deps, workerId);
    // By its word alone leaves whoever has never given a boot id.
    const isItself = caller.kind === 'worker' && (bootId !== undefined || worker.bootId === undefined);
    if (isItself) return { data: { workerId, ...(await leave(deps, workerId, { bootId, requestId })) } };
    const { status, ...removal } = await removeWorker(deps, worker, requestId);
    return { status, data: { workerId, ...removal } };
  },
);
