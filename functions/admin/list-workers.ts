import { listWorkers } from '../../shared/administration/routes.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import { implement } from '../http/implement.ts';
import { toWorker } from './to-worker.ts';

export const handler = implement(listWorkers, async ({ query: { limit, cursor, status } }, deps) => {
  const after = cursor === undefined ? '' : fromCursor(cursor);
  const workers = (await deps.stores.workers.list())
    .map((item) => toWorker(item, deps.now()))
    .filter((worker) => status === undefined || worker.status === status)
    .filter(({ workerId }) => workerId > after)
    .toSorted((a, b) => (a.workerId < b.workerId ? -1 : 1));
  const page = workers.slice(0, limit);
  const last = page.at(-1);
  const hasMore = workers.length > limit;
  const next = hasMore && last !== undefined ? toCursor(last.workerId) : null;
  return { data: { workers: page, pagination: { limit, cursor: next, hasMore } } };
});
