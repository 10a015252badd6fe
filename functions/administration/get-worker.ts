import { getWorker } from '../../shared/administration/routes.ts';
import { implement } from '../http/implement.ts';
import { findWorker, toWorker } from './fleet/to-worker.ts';

export const handler = implement(getWorker, async ({ params: { workerId } }, deps) => ({
  data: toWorker(await findWorker(deps, workerId), deps.now()),
}));
