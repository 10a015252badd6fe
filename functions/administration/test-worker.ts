import { testWorker } from '../../shared/administration/routes.ts';
import { implement } from '../http/implement.ts';
import { probeWorker } from './fleet/probe-worker.ts';

export const handler = implement(testWorker, async ({ body: { endpoint }, requestId }, deps) => {
  const { status, responseTime, message } = await probeWorker(deps, endpoint, requestId);
  return { data: { endpoint, status, responseTime, message } };
});
