import { type BellStore, createBellStore } from '../../shared/outbox/bell-store.ts';
import { createOutboxStore, type OutboxStore } from '../../shared/outbox/store.ts';
import type { Table } from '../../shared/table/table.ts';

export interface OutboxStores {
  outbox: OutboxStore;
  bells: BellStore;
}

/** `now` is in milliseconds. */
export function createOutboxStores(table: Table, now: () => number): OutboxStores {
  return { outbox: createOutboxStore(table, now), bells: createBellStore(table, now) };
}
