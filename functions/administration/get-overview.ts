import { getOverview } from '../../shared/administration/routes.ts';
import { dayOf } from '../../shared/usage/usage-item.ts';
import { implement } from '../http/implement.ts';
import { sumFleet } from './fleet/sum-fleet.ts';

export const handler = implement(getOverview, async (_, deps) => {
  const [workers, messagesToday] = await Promise.all([
    deps.stores.workers.list(),
    deps.stores.usage.total(dayOf(deps.now())),
  ]);
  const { totalWorkers, byStatus, capacity, sessions } = sumFleet(workers, deps.now());
  return {
    data: {
      workers: { total: totalWorkers, online: byStatus.ONLINE },
      capacity: { total: capacity.total, used: capacity.used },
      sessions,
      messagesToday,
    },
  };
});
