import { BELL_PARTITIONS } from '../../../shared/messages/outbox/outbox-item.ts';
import type { Deps } from '../../deps.ts';
import { PARKED_MS } from './accept-messages.ts';
import { canSend, wake } from './wake-up.ts';

const PAGE = 100;
const MAX_PAGES = 10;
/** A wake-up without effect is repeated after this time. */
const RUNG_MS = 90_000;

export interface OutboxSweep {
  rung: number;
  parked: number;
  /** How long the most overdue session had been waiting, in seconds. */
  oldestDueS: number;
}

async function sweepShard(deps: Deps, partition: string): Promise<OutboxSweep> {
  const result = { rung: 0, parked: 0, oldestDueS: 0 };
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const now = deps.now();
    const due = await deps.stores.wakeUps.listDue(partition, new Date(now).toISOString(), PAGE);
    for (const { dueAt } of due)
      result.oldestDueS = Math.max(result.oldestDueS, (now - Date.parse(dueAt)) / 1_000);
    const sessions = await deps.stores.sessions.getMany(due.map(({ sessionId }) => sessionId));
    const ready = new Set(sessions.filter(canSend).map(({ sessionId }) => sessionId));
    let moved = 0;
    for (const { sessionId } of due) {
      const wait = ready.has(sessionId) ? RUNG_MS : PARKED_MS;
      const wakeUp = await deps.stores.wakeUps.claim(sessionId, new Date(now + wait).toISOString());
      if (wakeUp === undefined) continue;
      moved += 1;
      if (!ready.has(sessionId) && wakeUp.endedAt === undefined) result.parked += 1;
      else {
        await wake(deps, [sessionId]);
        result.rung += 1;
      }
    }
    // The index lags: where nothing of a page could be claimed, another sweep took it a moment ago.
    if (due.length < PAGE || moved === 0) break;
  }
  return result;
}

/** Wakes the outbox of sessions that are due; may run as often as needed and may overlap itself. */
export async function sweepOutbox(deps: Deps): Promise<OutboxSweep> {
  const shards = await Promise.all(BELL_PARTITIONS.map((partition) => sweepShard(deps, partition)));
  return {
    rung: shards.reduce((sum, { rung }) => sum + rung, 0),
    parked: shards.reduce((sum, { parked }) => sum + parked, 0),
    oldestDueS: Math.max(...shards.map(({ oldestDueS }) => oldestDueS)),
  };
}
