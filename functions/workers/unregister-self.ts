import { unregisterSelf } from '../../shared/workers/routes.ts';
import { implement } from '../http/implement.ts';
import { leave } from './supervision/remove-worker.ts';

export const handler = implement(unregisterSelf, async ({ body: { workerId, bootId }, requestId }, deps) => ({
  data: { workerId, ...(await leave(deps, workerId, { bootId, requestId })) },
}));
