import { getWorkerStatistics } from '../../shared/administration/routes.ts';
import { implement } from '../http/implement.ts';
import { sumFleet } from './fleet/sum-fleet.ts';

export const handler = implement(getWorkerStatistics, async (_, deps) => {
  const { totalWorkers, byStatus, capacity, sessions } = sumFleet(
    await deps.stores.workers.list(),
    deps.now(),
  );
  const utilization = capacity.total === 0 ? 0 : Math.min(100, (100 * capacity.used) / capacity.total);
  return {
    data: {
      totalWorkers,
      byStatus,
      capacity,
      utilization: Math.round(utilization * 10) / 10,
      sessionsByStatus: sessions,
    },
  };
});
