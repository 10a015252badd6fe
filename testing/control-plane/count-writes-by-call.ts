import { AsyncLocalStorage } from 'node:async_hooks';
import type { Table } from '../../shared/table/table.ts';

/** Tells of each of many calls at once how often it tried to write, whether or not the condition held. */
export function countWritesByCall(table: Table) {
  const current = new AsyncLocalStorage<{ writes: number }>();
  const count = (writes = 1) => {
    const call = current.getStore();
    if (call !== undefined) call.writes += writes;
  };
  const { put, putMany, update, delete: remove } = table;
  table.put = (...args) => {
    count();
    return put(...args);
  };
  table.putMany = (items) => {
    count(items.length);
    return putMany(items);
  };
  table.update = (...args) => {
    count();
    return update(...args);
  };
  table.delete = (...args) => {
    count();
    return remove(...args);
  };
  return async <T>(work: () => Promise<T>): Promise<T & { writes: number }> => {
    const call = { writes: 0 };
    const result = await current.run(call, work);
    return { ...result, writes: call.writes };
  };
}
