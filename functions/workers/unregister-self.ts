import { unregisterSelf } from '../../shared/workers/routes.ts';
import { implement } from '../http/implement.ts';
import { declareDead } from './supervision/declare-dead.ts';

export const handler = implement(unregisterSelf, async ({ body: { workerId }, requestId }, deps) => ({
  data: { workerId, ...(await declareDead(deps, workerId, { requestId })) },
}));
