import type { Table } from '../../shared/table/table.ts';

export interface CallCounts {
  /** Items read one by one or in batches, and queries. */
  reads: number;
  /** Attempts to write, whether or not their condition held: both cost. */
  writes: number;
}

/** Counts what is asked of a table from now on; the same table is counted on, so start anew for each call. */
export function countCalls(table: Table): { take(): CallCounts } {
  const counts: CallCounts = { reads: 0, writes: 0 };
  const { get, getMany, query, put, putMany, update, delete: remove } = table;
  table.get = (...args) => {
    counts.reads += 1;
    return get(...args);
  };
  table.getMany = (keys, schema) => {
    counts.reads += keys.length;
    return getMany(keys, schema);
  };
  table.query = (...args) => {
    counts.reads += 1;
    return query(...args);
  };
  table.put = (...args) => {
    counts.writes += 1;
    return put(...args);
  };
  table.putMany = (items) => {
    counts.writes += items.length;
    return putMany(items);
  };
  table.update = (...args) => {
    counts.writes += 1;
    return update(...args);
  };
  table.delete = (...args) => {
    counts.writes += 1;
    return remove(...args);
  };
  return {
    take() {
      const taken = { ...counts };
      counts.reads = 0;
      counts.writes = 0;
      return taken;
    },
  };
}
