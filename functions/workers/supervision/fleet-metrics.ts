import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import { isLeaseOver, isLive, type WorkerItem } from '../../../shared/workers/worker-item.ts';

export const METRIC_NAMESPACE = 'WhatsAppGateway';

/** Names of the metrics, each over the whole fleet, with the one dimension `Environment`. */
export const FLEET_METRICS = {
  /** Percent of the live workers' session capacity in use; 100 where there is none. */
  slotsUsed: 'SessionSlotsUsedPercent',
  /** Sessions that should be connected and wait for any worker. */
  ownerless: 'SessionsWithoutOwner',
  /** Workers whose lease is over and that are not fenced yet. */
  expiredLeases: 'ExpiredLeases',
  liveWorkers: 'LiveWorkers',
  /** Seconds for which the most overdue delivery or queued message had been due when it was queued again. */
  oldestDueS: 'OldestDueSeconds',
} as const;
export type FleetMetrics = Record<keyof typeof FLEET_METRICS, number>;

const UNITS: Partial<Record<keyof FleetMetrics, string>> = { slotsUsed: 'Percent', oldestDueS: 'Seconds' };

/** Sessions that wait only to be logged out or purged are meant to be offline. */
const isMissed = ({ workerId, desired, deletedAt }: SessionItem) =>
  workerId === undefined && desired === 'connected' && deletedAt === undefined;

/**
 * `unplaced` sessions wait for any worker; `now` is in milliseconds. Workers that cannot fence themselves
 * keep their lease until they are proven dead.
 */
export function measureFleet(
  workers: readonly WorkerItem[],
  unplaced: readonly SessionItem[],
  now: number,
): Omit<FleetMetrics, 'oldestDueS'> {
  const live = workers.filter((worker) => isLive(worker, now));
  const slots = live.reduce((sum, { maxSessions }) => sum + maxSessions, 0);
  const taken = live.reduce((sum, { breakdown }) => sum + breakdown.total, 0);
  const expired = workers.filter(
    (worker) => worker.fencedAt === undefined && worker.fencesItself && isLeaseOver(worker, now),
  );
  return {
    slotsUsed: slots === 0 ? 100 : Math.min(100, (100 * taken) / slots),
    ownerless: unplaced.filter(isMissed).length,
    expiredLeases: expired.length,
    liveWorkers: live.length,
  };
}

/** One line in CloudWatch's embedded metric format, which turns logs into metrics without a call. */
export function toEmbeddedMetrics(metrics: FleetMetrics, environment: string, now: number): string {
  const entries = Object.entries(FLEET_METRICS) as [keyof FleetMetrics, string][];
  return JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        {
          Namespace: METRIC_NAMESPACE,
          Dimensions: [['Environment']],
          Metrics: entries.map(([key, Name]) => ({ Name, Unit: UNITS[key] ?? 'Count' })),
        },
      ],
    },
    Environment: environment,
    ...Object.fromEntries(entries.map(([key, name]) => [name, metrics[key]])),
  });
}
