import { createOutboxStore, type OutboxStore } from '../../../shared/messages/outbox/store.ts';
import { createWakeUpStore, type WakeUpStore } from '../../../shared/messages/outbox/wake-up-store.ts';
import type { Table } from '../../../shared/table/table.ts';

export interface OutboxStores {
  outbox: OutboxStore;
  wakeUps: WakeUpStore;
}

/** `now` is in milliseconds. */
export function createOutboxStores(table: Table, now: () => number): OutboxStores {
  return { outbox: createOutboxStore(table, now), wakeUps: createWakeUpStore(table, now) };
}
