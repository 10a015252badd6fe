import * as z from 'zod';
import { any, atMost, missing } from '../table/condition.ts';
import type { Table } from '../table/table.ts';

/** Interval at which the monitor checks every worker while it is on. */
export const MONITOR_INTERVAL_MS = 60_000;

const Monitor = z.object({
  running: z.boolean().default(true),
  /** Milliseconds. */
  lastRunAt: z.number().optional(),
  changedAt: z.number().optional(),
});
export type Monitor = z.infer<typeof Monitor>;

export interface MonitorStore {
  get(): Promise<Monitor>;
  setRunning(running: boolean): Promise<Monitor>;
  /** Returns true for the one caller whose turn it is to check. */
  takeTurn(): Promise<boolean>;
}

const KEY = { pk: 'MONITOR', sk: 'MONITOR' };

/** `now` is in milliseconds. */
export function createMonitorStore(table: Table, now: () => number): MonitorStore {
  const get = async () => (await table.get(KEY, Monitor)) ?? { running: true };
  return {
    get,
    async setRunning(running) {
      const changed = await table.update(KEY, { set: { running, changedAt: now() } }, Monitor);
      return changed ?? { running };
    },
    async takeTurn() {
      const { running, lastRunAt = 0 } = await get();
      if (!running || now() - lastRunAt < MONITOR_INTERVAL_MS) return false;
      const condition = any(missing('lastRunAt'), atMost('lastRunAt', lastRunAt));
      return (await table.update(KEY, { set: { lastRunAt: now() }, condition }, Monitor)) !== undefined;
    },
  };
}
