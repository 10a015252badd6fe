import { listWorkers } from '../../shared/administration/routes.ts';
import { fromCursor, takePage } from '../../shared/contract/cursor.ts';
import { implement } from '../http/implement.ts';
import { toWorker } from './fleet/to-worker.ts';

export const handler = implement(listWorkers, async ({ query }, deps) => {
  const { status, cursor } = query;
  const after = fromCursor('workers', cursor) ?? '';
  const workers = (await deps.stores.workers.list())
    .map((item) => toWorker(item, deps.now()))
    .filter((worker) => status === undefined || worker.status === status)
    .filter(({ workerId }) => workerId > after)
    .toSorted((a, b) => (a.workerId < b.workerId ? -1 : 1));
  const { page, pagination } = takePage('workers', query, workers, ({ workerId }) => workerId);
  return { data: { workers: page, pagination } };
});
